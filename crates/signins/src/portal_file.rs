//! The names the portal gives its downloads.

/// The kind of sign-in by the name of a portal download, as the log's own word. `None`: the name
/// tells nothing.
pub(crate) fn kind(file: &str) -> Option<&'static str> {
    let name = base(file);
    [
        ("interactivesignins_", "interactiveUser"),
        ("noninteractivesignins_", "nonInteractiveUser"),
        ("applicationsignins_", "servicePrincipal"),
        ("msisignins_", "managedIdentity"),
    ]
    .into_iter()
    .find(|(start, _)| name.starts_with(start))
    .map(|(_, kind)| kind)
}

/// True for the second file of a download, which holds the steps of sign-ins and no sign-in.
pub(crate) fn is_authentication_details(file: &str) -> bool {
    base(file).contains("authdetails")
}

fn base(file: &str) -> String {
    file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_lowercase()
}

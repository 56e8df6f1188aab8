//! `@odata.context`: which list a page is of.

/// The last part of a context's path, with the key of the part before it:
/// `…$metadata#users('1')/authentication/methods` is `methods` of `users` `1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Context<'a> {
    /// Name of the list or object, lower case.
    pub(super) name: String,
    /// The parts before it, lower case, joined with `/`.
    pub(super) parents: String,
    /// The first key on the way, such as a group's id.
    pub(super) key: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// Reads the text behind `#`. `None` without one.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (_, path) = text.split_once('#')?;
        let mut names: Vec<String> = Vec::new();
        let mut key = None;
        for part in segments(path) {
            let (name, arguments) = part.split_once('(').unwrap_or((part, ""));
            if name.starts_with('$') || name.starts_with("microsoft.graph.") {
                continue;
            }
            if key.is_none() {
                key = quoted(arguments);
            }
            names.push(name.to_ascii_lowercase());
        }
        let name = names.pop()?;
        Some(Self { name, parents: names.join("/"), key })
    }
}

/// Parts between slashes; slashes within parentheses do not part.
fn segments(path: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    path.split(|letter| {
        match letter {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == '/' && depth == 0
    })
    .filter(|part| !part.is_empty())
    .collect()
}

fn quoted(arguments: &str) -> Option<&str> {
    let rest = arguments.strip_prefix('\'')?;
    let (key, _) = rest.split_once('\'')?;
    Some(key).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts() {
        let root = "https://graph.microsoft.com/v1.0/$metadata";
        let cases = [
            ("", None),
            ("#", None),
            ("#users", Some(("users", "", None))),
            ("#users(id,manager(displayName))/$entity", Some(("users", "", None))),
            (
                "#users('a%40b')/authentication/methods",
                Some(("methods", "users/authentication", Some("a%40b"))),
            ),
            (
                "#groups('7')/members/microsoft.graph.user(id)",
                Some(("members", "groups", Some("7"))),
            ),
            (
                "#roleManagement/directory/roleAssignments(principal())",
                Some(("roleassignments", "rolemanagement/directory", None)),
            ),
            ("#users('')", Some(("users", "", None))),
            ("#users('", Some(("users", "", None))),
        ];
        for (text, expected) in cases {
            let whole = format!("{root}{text}");
            let read = Context::parse(&whole);
            let read = read.as_ref().map(|it| (it.name.as_str(), it.parents.as_str(), it.key));
            assert_eq!(read, expected, "{text}");
        }
    }
}

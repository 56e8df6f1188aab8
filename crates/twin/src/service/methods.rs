//! Authentication methods of a user, by type.

use super::ask::Version;

/// Segment before `Methods`, area of the permission, and whether only beta has it.
const TYPES: [(&str, &str, bool); 11] = [
    ("password", "Password", false),
    ("phone", "Phone", false),
    ("microsoftAuthenticator", "MicrosoftAuthApp", false),
    ("passwordlessMicrosoftAuthenticator", "MicrosoftAuthApp", true),
    ("softwareOath", "SoftwareOATH", false),
    ("hardwareOath", "HardwareOATH", true),
    ("fido2", "Passkey", false),
    ("windowsHelloForBusiness", "WindowsHello", false),
    ("platformCredential", "PlatformCred", false),
    ("temporaryAccessPass", "TAP", false),
    ("email", "Email", false),
];

/// `@odata.type` of the methods under a segment.
pub(super) fn type_of_segment(segment: &str, version: Version) -> Option<String> {
    if segment.eq_ignore_ascii_case("externalAuthentication") {
        return Some("#microsoft.graph.externalAuthenticationMethod".to_owned());
    }
    let (name, _, is_beta) = TYPES.iter().find(|(it, _, _)| it.eq_ignore_ascii_case(segment))?;
    let is_there = !is_beta || version == Version::Beta;
    is_there.then(|| format!("#microsoft.graph.{name}AuthenticationMethod"))
}

/// Sets of permissions for the methods under a segment, any of which will do.
pub(super) fn permissions_of_segment(segment: &str, writes: bool) -> Vec<String> {
    let found = TYPES.iter().find(|(it, _, _)| it.eq_ignore_ascii_case(segment));
    let area = found.map_or("External", |(_, area, _)| area);
    let broad = "UserAuthenticationMethod";
    if writes {
        return vec![
            format!("{broad}.ReadWrite.All"),
            format!("UserAuthMethod-{area}.ReadWrite.All"),
        ];
    }
    vec![
        format!("{broad}.Read.All"),
        format!("UserAuthMethod-{area}.Read.All"),
        format!("{broad}.ReadWrite.All"),
        format!("UserAuthMethod-{area}.ReadWrite.All"),
    ]
}

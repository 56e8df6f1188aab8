//! Applications of Microsoft and authentication strengths that every tenant has.

/// Application ids and names of Microsoft's own applications that policies name most (Microsoft
/// Entra documentation, *Conditional Access: Target resources*, and *Verify first-party Microsoft
/// applications in sign-in reports*). There are many more: an id that is not in the list is no
/// proof of anything.
const FIRST_PARTY: [(&str, &str); 41] = [
    ("00000002-0000-0000-c000-000000000000", "Windows Azure Active Directory"),
    ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
    ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"),
    ("00000004-0000-0ff1-ce00-000000000000", "Skype for Business Online"),
    ("00000005-0000-0ff1-ce00-000000000000", "Viva Engage"),
    ("00000006-0000-0ff1-ce00-000000000000", "Microsoft Office 365 Portal"),
    ("00000007-0000-0000-c000-000000000000", "Dataverse"),
    ("00000009-0000-0000-c000-000000000000", "Power BI Service"),
    ("0000000a-0000-0000-c000-000000000000", "Microsoft Intune"),
    ("00b41c95-dab0-4487-9791-b9d2c32c80f2", "Office 365 Management"),
    ("01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9", "Device Registration Service"),
    ("022907d3-0f1b-48f7-badc-1ba6abab6d66", "Azure SQL Database"),
    ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI"),
    ("05a65629-4c1b-48c1-a78b-804c4abdd4af", "Microsoft Cloud App Security"),
    ("09abbdfd-ed23-44ee-a2d9-a627aa1c90f3", "ProjectWorkManagement"),
    ("0af06dc6-e4b5-4f28-818e-e78e62d137a5", "Windows 365"),
    ("1950a258-227b-4e31-a9cf-717495945fc2", "Microsoft Azure PowerShell"),
    ("19db86c3-b2b9-44cc-b339-36da233a3be2", "My Signins"),
    ("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"),
    ("270efc09-cd0d-444b-a71f-39af4910ec45", "Windows Cloud Login"),
    ("2793995e-0a7d-40d7-bd35-6968ba142197", "My Apps"),
    ("2d4d3d8e-2be3-4bef-9f87-7875a61c29de", "OneNote"),
    ("372140e0-b3b7-4226-8ef9-d57986796201", "Azure Windows VM Sign-in"),
    ("45a330b1-b1ec-4cc1-9161-9f03992aa49f", "Windows Store for Business"),
    ("475226c6-020e-4fb2-8a90-7a972cbfc1d4", "PowerApps Service"),
    ("499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps"),
    ("5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "Microsoft Teams Web Client"),
    ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API"),
    ("8c59ead7-d703-4a27-9e55-c96a0054c8d2", "My Profile"),
    ("9cdead84-a844-4324-93f2-b2e6bb768d07", "Azure Virtual Desktop"),
    ("a4a365df-50f1-4397-bc59-1a1564b8bb9c", "Microsoft Remote Desktop"),
    ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal"),
    ("ca7f3f0b-7d91-482c-8e09-c5d840d0eac5", "Log Analytics API"),
    ("cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", "Microsoft Teams Services"),
    ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault"),
    ("d4ebce55-015a-49b5-a083-c84d1797ae8c", "Microsoft Intune Enrollment"),
    ("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage"),
    ("e9f49c6b-5ce5-44c8-925d-015017e9f7ad", "Azure Data Lake"),
    ("f5c26e74-f226-4ae8-85f0-b4af0080ac9e", "Application Insights API"),
    ("fc780465-2017-40d4-a0c5-307022471b92", "WindowsDefenderATP"),
];

/// Ids and names of the authentication strengths that every tenant has (Microsoft Entra
/// documentation, *Conditional Access authentication strengths*; ids of Microsoft Graph,
/// `authenticationStrengthPolicy`).
pub(super) const BUILT_IN_STRENGTHS: [(&str, &str); 3] = [
    ("00000000-0000-0000-0000-000000000002", "Multifactor authentication"),
    ("00000000-0000-0000-0000-000000000003", "Passwordless MFA"),
    ("00000000-0000-0000-0000-000000000004", "Phishing-resistant MFA"),
];

/// The name of Microsoft's own application with this application id.
pub(crate) fn first_party(id: &str) -> Option<&'static str> {
    let id = id.trim().to_ascii_lowercase();
    let position = FIRST_PARTY.binary_search_by(|(known, _)| (*known).cmp(id.as_str())).ok()?;
    FIRST_PARTY.get(position).map(|(_, name)| *name)
}

/// The built-in strength of this id or name, as its name.
pub(crate) fn built_in_strength(word: &str) -> Option<&'static str> {
    let word = word.trim();
    let is_it = |(id, name): &&(&str, &str)| {
        id.eq_ignore_ascii_case(word) || name.eq_ignore_ascii_case(word)
    };
    BUILT_IN_STRENGTHS.iter().find(is_it).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PARTY, built_in_strength, first_party};

    #[test]
    fn the_list_is_sorted_and_holds_ids() {
        assert!(FIRST_PARTY.is_sorted_by(|one, next| one.0 < next.0));
        for (id, name) in FIRST_PARTY {
            let is_id = id.len() == 36 && id.chars().all(|it| it == '-' || it.is_ascii_hexdigit());
            assert!(is_id && !name.is_empty(), "{id} {name}");
            assert_eq!(first_party(&format!(" {}", id.to_uppercase())), Some(name));
        }
        assert_eq!(first_party("Office365"), None);
    }

    #[test]
    fn strengths_go_by_id_or_name() {
        for word in ["00000000-0000-0000-0000-000000000004", "phishing-resistant mfa"] {
            assert_eq!(built_in_strength(word), Some("Phishing-resistant MFA"), "{word}");
        }
        assert_eq!(built_in_strength("00000000-0000-0000-0000-000000000001"), None);
    }
}

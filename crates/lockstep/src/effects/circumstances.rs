//! As whom lockstep acts, which guards must be told because no snapshot holds it.

use entra::graph::{Call, Client, Version, Workload};
use rollout::change::guard::Operator;
use rollout::{Account, Rollout};
use serde_json::Value;

use crate::network::Network;

/// As which application lockstep acts, before anybody signs in. `None`: as a person, who is known only
/// then, and until then guards refuse.
pub(crate) fn application(wishes: &Rollout) -> Option<Operator> {
    match wishes.source.sign_in.as_deref()? {
        "device-code" => None,
        _ => Some(Operator::Application { service_principal: None }),
    }
}

/// As whom lockstep acts. `None`: nobody can tell, and then guards refuse.
pub(super) async fn operator(client: &Client<Network>, wishes: &Rollout) -> Option<Operator> {
    match wishes.source.sign_in.as_deref()? {
        "device-code" => {
            let call = Call::get(Version::V1, "/me", Workload::Directory)
                .with("$select", "id,userPrincipalName,displayName");
            let me = client.call(&call).await.ok()?.json().ok()?;
            let text = |key: &str| me.get(key).and_then(Value::as_str).map(str::to_owned);
            let account = Account {
                user_principal_name: Some(text("userPrincipalName")?),
                user_id: Some(text("id")?),
                display_name: text("displayName"),
            };
            // The token does not tell an application how its person signed in.
            Some(Operator::Delegated { account, passed_mfa: None })
        }
        _ => Some(Operator::Application { service_principal: None }),
    }
}

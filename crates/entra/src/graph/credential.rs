//! How lockstep signs in.

use secrecy::SecretString;

/// How lockstep signs in to a tenant. No secret shows in `Debug`.
#[derive(Debug)]
pub enum Credential {
    /// An app registration with a client secret.
    ClientSecret {
        /// Application (client) id.
        client_id: String,
        /// The secret's value, not its id.
        secret: SecretString,
    },
    /// An app registration with a certificate: `private_key_jwt`, signed with PS256.
    Certificate {
        /// Application (client) id.
        client_id: String,
        /// Certificate and private key, PEM.
        pem: SecretString,
    },
    /// A person at a console signs in elsewhere with a code.
    DeviceCode {
        /// Application (client) id of a public client.
        client_id: String,
        /// Shows the person where to go and which code to type.
        prompt: fn(&DeviceCodePrompt),
    },
    /// The identity of the machine lockstep runs on.
    ManagedIdentity(ManagedIdentity),
}

/// What the person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCodePrompt {
    /// Where to go.
    pub verification_uri: String,
    /// What to type there.
    pub user_code: String,
    /// Microsoft's own sentence.
    pub message: String,
}

/// Where the machine's identity is asked for.
#[derive(Debug)]
pub enum ManagedIdentity {
    /// The metadata service of a virtual machine.
    VirtualMachine {
        /// Of a user-assigned identity.
        client_id: Option<String>,
    },
    /// App Service and Functions: what they put into the environment.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        endpoint: String,
        /// `IDENTITY_HEADER`.
        header: SecretString,
        /// Of a user-assigned identity.
        client_id: Option<String>,
    },
}

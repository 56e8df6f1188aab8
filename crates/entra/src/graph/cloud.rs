//! Where a tenant's tokens and its Graph are: the national clouds.

use url::Url;

/// A Microsoft cloud. A token of one is useless in another.
///
/// Roots are those of Microsoft's page *National cloud deployments* of the Graph documentation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// Worldwide, GCC among it.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovernment,
    /// US Government L5 (DoD).
    UsGovernmentDod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 4] =
        [Self::Global, Self::UsGovernment, Self::UsGovernmentDod, Self::China];

    /// The word of the command line and of `lockstep.toml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGovernment => "usgov",
            Self::UsGovernmentDod => "dod",
            Self::China => "china",
        }
    }

    /// The cloud of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.word().eq_ignore_ascii_case(word))
    }

    const fn roots(self) -> (&'static str, &'static str) {
        match self {
            Self::Global => ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
            Self::UsGovernment => {
                ("https://login.microsoftonline.us", "https://graph.microsoft.us")
            }
            Self::UsGovernmentDod => {
                ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")
            }
            Self::China => {
                ("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn")
            }
        }
    }
}

/// Where tokens are asked for and where Graph answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    authority: String,
    graph: String,
}

/// An address that is neither `https` nor on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address lockstep sends a token to")]
pub struct NotAnEndpoint(String);

impl Endpoints {
    /// Those of a cloud.
    #[must_use]
    pub fn of(cloud: Cloud) -> Self {
        let (authority, graph) = cloud.roots();
        Self { authority: authority.to_owned(), graph: graph.to_owned() }
    }

    /// Both behind one address on this machine, such as `http://127.0.0.1:7341`: a simulated
    /// tenant, or a proxy that checks what is sent.
    ///
    /// # Errors
    /// When the address is no plain `http` root on the loopback interface: a token must never leave
    /// the machine unencrypted.
    pub fn on_this_machine(root: &str) -> Result<Self, NotAnEndpoint> {
        Self::apart(root, root)
    }

    /// Tokens and Graph behind two addresses on this machine.
    ///
    /// # Errors
    /// As [`Endpoints::on_this_machine`].
    pub fn apart(authority: &str, graph: &str) -> Result<Self, NotAnEndpoint> {
        Ok(Self { authority: loopback(authority)?, graph: loopback(graph)? })
    }

    /// The root tokens are asked for at, without a slash at the end.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The root of Graph, without a version and without a slash at the end.
    #[must_use]
    pub fn graph(&self) -> &str {
        &self.graph
    }

    /// The scope of a token for everything that was granted: `{root}/.default`.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{}/.default", self.graph)
    }
}

fn loopback(root: &str) -> Result<String, NotAnEndpoint> {
    let refused = || NotAnEndpoint(root.to_owned());
    let url = Url::parse(root).map_err(|_| refused())?;
    let here = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let plain = url.scheme() == "http"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !here || !plain {
        return Err(refused());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_its_own_scope_and_word() {
        for cloud in Cloud::ALL {
            let endpoints = Endpoints::of(cloud);
            assert_eq!(Cloud::of_word(cloud.word()), Some(cloud));
            assert_eq!(endpoints.scope(), format!("{}/.default", endpoints.graph()));
            assert!(endpoints.authority().starts_with("https://login."));
        }
        assert_eq!(Cloud::of_word("mars"), None);
    }

    #[test]
    fn a_token_never_leaves_the_machine_unencrypted() {
        for here in ["http://127.0.0.1:7341", "http://127.0.0.1:7341/", "http://[::1]:1"] {
            assert!(Endpoints::on_this_machine(here).is_ok(), "{here}");
        }
        let elsewhere = [
            "http://192.0.2.1:80",
            "http://graph.example",
            "http://127.0.0.1.graph.example",
            "http://u:p@127.0.0.1:1",
            "ftp://127.0.0.1",
            "127.0.0.1:7341",
            "http://127.0.0.1/?a=b",
            "",
        ];
        for address in elsewhere {
            assert!(Endpoints::on_this_machine(address).is_err(), "{address}");
        }
    }
}

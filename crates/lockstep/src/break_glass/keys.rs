//! How a break-glass account gets a key, and why.

/// Why a key is needed, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Why.
    pub(crate) why: &'static str,
    /// What to do, in order.
    pub(crate) steps: [&'static str; 5],
}

/// For accounts that pass with a key: the public cloud (Microsoft Entra documentation, *Plan for
/// mandatory Microsoft Entra multifactor authentication* and *Manage emergency access accounts*).
pub(crate) const PHISHING_RESISTANT: Keys = Keys {
    why: "The admin portals of this cloud ask every account for MFA, whatever a policy leaves out, and \
          nobody can opt out. With the password alone the account opens nothing there. So each account \
          gets two security keys, or a certificate, while ordinary administrators still get in.",
    steps: [
        "Another administrator (Privileged Authentication Administrator or Global Administrator) issues \
         a Temporary Access Pass to the account: Entra admin center, Users, the account, Authentication \
         methods. An account cannot issue one to itself, and lockstep does not.",
        "In a private window sign in as the account with the pass, and register two security keys of two \
         makers under Security info. No phone, no Authenticator.",
        "The same administrator deletes the pass.",
        "Keys, their PINs and the printed passwords go to different places; write the numbers of the \
         sealed bags down.",
        "Announce a test and prove it: `lockstep break-glass test --announce --by WHO`, sign in to the \
         Entra admin center with the key, make one harmless change and undo it; then `lockstep snapshot` and \
         `lockstep break-glass test`. Only then is a policy switched On.",
    ],
};

/// For clouds whose portals do not ask every account.
pub(crate) const PASSWORD_ONLY: Keys = Keys {
    why: "In this cloud the portals do not ask every account for MFA, so that the password alone signs \
          in, and `mode = \"password-only\"` is set. A key is better all the same: a password can be \
          read by whoever opens the bag.",
    steps: [
        "Put each printed sheet into its own sealed bag; two people sign it and write its number down.",
        "The bags go to the places they name, which no single person opens.",
        "Announce a test: `lockstep break-glass test --announce --by WHO`.",
        "Sign in to the Entra admin center with the password; nothing else may be asked for. Make one \
         harmless change and undo it.",
        "`lockstep snapshot`, then `lockstep break-glass test` shows what the log proves. Set a new \
         password afterwards: `lockstep break-glass sheet ACCOUNT`.",
    ],
};

/// Those of a mode.
pub(crate) const fn of(phishing_resistant: bool) -> Keys {
    if phishing_resistant { PHISHING_RESISTANT } else { PASSWORD_ONLY }
}

/// How a test goes, step by step (Microsoft Entra documentation, *Manage emergency access accounts*,
/// validate accounts regularly).
pub(crate) const fn test(phishing_resistant: bool) -> [&'static str; 5] {
    let portal = if phishing_resistant {
        "Private window, clean device, another network: sign in to the Entra admin center with the \
         account's own key. A prompt there comes from Microsoft's MFA for administration, or from \
         security defaults while they are on, and from no policy; that it asks for the key is right."
    } else {
        "Private window, clean device, another network: sign in to the Entra admin center with the \
         password of the sheet. Nothing else may be asked for."
    };
    [
        "Tell whoever watches the alarm, and that it must ring all the same.",
        portal,
        "Make one harmless change and undo it, such as the department of the account itself.",
        "Write down when the alarm reached each of two people. Then the second account likewise.",
        "Put everything back under new seals: `lockstep snapshot` after 15 minutes, then `lockstep \
         break-glass test`.",
    ]
}

//! Passwords of accounts that are made, and passes that are issued: who makes them up and shows them.

use secrecy::SecretString;

use crate::error::CommandError;

/// Whoever makes up the passwords of new accounts, and shows each secret once. Nothing here is kept.
pub(crate) trait PasswordDesk {
    /// The first password of an account that is about to be made. Asked once for each account of a
    /// run; `user` is its user principal name.
    ///
    /// # Errors
    /// When there is none to be had. Then the account is not made.
    fn new_password(&mut self, user: &str) -> Result<SecretString, CommandError>;

    /// The account was made with the password that was asked for last, and read back.
    fn created(&mut self, user: &str, id: &str);

    /// The account was there already: an earlier run made it, and its password is lost, or somebody
    /// else did.
    fn there_already(&mut self, user: &str);

    /// A Temporary Access Pass of somebody. Graph shows it this once.
    fn pass(&mut self, user: &str, pass: SecretString);
}

/// The desk of verbs that make no account.
#[derive(Debug, Default)]
pub(crate) struct NoDesk;

impl PasswordDesk for NoDesk {
    fn new_password(&mut self, user: &str) -> Result<SecretString, CommandError> {
        Err(CommandError::refused(format!("the account `{user}` is not made here"))
            .hint("`lockstep break-glass create` makes it, and prints its password once"))
    }

    fn created(&mut self, _user: &str, _id: &str) {}

    fn there_already(&mut self, _user: &str) {}

    fn pass(&mut self, user: &str, _pass: SecretString) {
        // What a verb prints may go to a file.
        crate::terminal::remark(&format!(
            "a Temporary Access Pass of {} was issued and is not shown here: `lockstep reset` issues \
             another",
            crate::plain_text::one_line(user)
        ));
    }
}

//! The text fields of a sign-in, as one table over any kind of text.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Declares [`Field`], so that a field is never left out of the list of all of them.
macro_rules! text_fields {
    ($($(#[doc = $doc:literal])+ $variant:ident,)+) => {
        /// One text field of a sign-in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(
                $(#[doc = $doc])+
                $variant,
            )+
        }

        impl Field {
            /// Every field, in order.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];
        }
    };
}

impl Field {
    /// How many fields there are. A set of them is the bits of a `u64`, and one bit is for lists.
    pub(crate) const COUNT: usize = {
        assert!(Self::ALL.len() < 64, "a field has no bit");
        Self::ALL.len()
    };

    /// Its place among all fields.
    #[expect(clippy::as_conversions, reason = "the number of a variant without fields")]
    pub(crate) const fn number(self) -> u32 {
        self as u32
    }

    /// Its place in a table with an entry for each field.
    #[expect(clippy::as_conversions, reason = "the number of a variant without fields")]
    pub(crate) const fn place(self) -> usize {
        self as usize
    }

    /// Its bit in a set of fields.
    pub(crate) const fn bit(self) -> u64 {
        1 << self.number()
    }

    /// Its name in snake case, as in `user_principal_name`.
    pub(crate) fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

/// The fields of a set of bits, in order.
pub(crate) fn fields_of(mut bits: u64) -> impl Iterator<Item = Field> {
    std::iter::from_fn(move || {
        let place = usize::try_from(bits.trailing_zeros()).ok()?;
        let field = Field::ALL.get(place).copied()?;
        bits &= bits - 1;
        Some(field)
    })
}

/// The text fields of one sign-in. What the log does not tell is not there.
#[derive(Clone)]
pub struct Texts<T> {
    /// What is told, as bits; other values are left from before and mean nothing.
    told: u64,
    values: [Option<T>; Field::COUNT],
}

impl<T> Default for Texts<T> {
    fn default() -> Self {
        Self { told: 0, values: [const { None }; Field::COUNT] }
    }
}

impl<T> Texts<T> {
    /// What is told of a field.
    #[inline]
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&T> {
        if self.told & field.bit() == 0 {
            return None;
        }
        self.values.get(field.place())?.as_ref()
    }

    /// What is told of a field.
    #[inline]
    #[must_use]
    pub fn told(&self, field: Field) -> Option<T>
    where
        T: Copy,
    {
        self.get(field).copied()
    }

    /// True when something is told of a field.
    #[inline]
    #[must_use]
    pub fn tells(&self, field: Field) -> bool {
        self.told & field.bit() != 0
    }

    /// Tells a field, whatever was told of it before.
    #[inline]
    pub fn set(&mut self, field: Field, text: T) {
        if let Some(value) = self.values.get_mut(field.place()) {
            *value = Some(text);
            self.told |= field.bit();
        }
    }

    /// Tells a field or forgets it.
    pub fn put(&mut self, field: Field, text: Option<T>) {
        match text {
            Some(text) => self.set(field, text),
            None => self.told &= !field.bit(),
        }
    }

    /// Forgets everything.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.told = 0;
    }

    /// Forgets the fields that are not among these, as bits.
    pub(crate) fn retain(&mut self, kept: u64) {
        self.told &= kept;
    }

    /// Every field that is told, in order.
    #[inline]
    pub(crate) fn all(&self) -> impl Iterator<Item = (Field, &T)> {
        fields_of(self.told).filter_map(|field| Some((field, self.get(field)?)))
    }

    /// The same fields in another kind of text, from borrowed ones.
    pub(crate) fn convert_ref<'t, U>(&'t self, convert: &mut impl FnMut(&'t T) -> U) -> Texts<U> {
        let mut texts = Texts::default();
        for (field, text) in self.all() {
            texts.set(field, convert(text));
        }
        texts
    }

    /// Takes what the other tells and this one does not.
    #[inline]
    pub(crate) fn fill_from(&mut self, other: &Self)
    where
        T: Copy,
    {
        for field in fields_of(other.told & !self.told) {
            self.put(field, other.told(field));
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Texts<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.all()).finish()
    }
}

impl<T: PartialEq> PartialEq for Texts<T> {
    fn eq(&self, other: &Self) -> bool {
        self.told == other.told && self.all().eq(other.all())
    }
}

impl<T: Eq> Eq for Texts<T> {}

impl<T: Hash> Hash for Texts<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for told in self.all() {
            told.hash(state);
        }
    }
}

text_fields! {
    /// Id of the record.
    Id,
    /// Id shared by the records of one conversation.
    CorrelationId,
    /// Object id of the user.
    UserId,
    /// User principal name.
    UserPrincipalName,
    /// Display name of the user.
    UserDisplayName,
    /// Who, in the words of the diagnostic envelope.
    Identity,
    /// `member` or `guest`, in any case.
    UserType,
    /// Name used to sign in where it differs from the user principal name.
    AlternateSignInName,
    /// Display name of the application.
    AppName,
    /// Id of the application.
    AppId,
    /// Display name of the resource.
    ResourceName,
    /// Id of the resource.
    ResourceId,
    /// `clientAppUsed`.
    ClientApp,
    /// `authenticationProtocol`.
    Protocol,
    /// `originalTransferMethod`.
    TransferMethod,
    /// User agent.
    UserAgent,
    /// `status.errorCode`.
    ErrorCode,
    /// `resultType` of the diagnostic envelope: a code, or a word.
    ResultType,
    /// `Success`, `Failure` or `Interrupted` of a portal download.
    ResultWord,
    /// `resultSignature` of the diagnostic envelope.
    ResultSignature,
    /// `status.additionalDetails`.
    AdditionalDetails,
    /// `status.failureReason`, or the description of the result.
    FailureReason,
    /// `authenticationRequirement`.
    AuthenticationRequirement,
    /// What became of multifactor authentication, in a portal download.
    MfaResult,
    /// Method of multifactor authentication.
    MfaMethod,
    /// Detail of that method, such as a masked number.
    MfaDetail,
    /// `conditionalAccessStatus`.
    ConditionalAccessStatus,
    /// Id of the device.
    DeviceId,
    /// Name of the device.
    DeviceName,
    /// Operating system.
    OperatingSystem,
    /// Browser.
    Browser,
    /// Whether the device is compliant.
    Compliant,
    /// Whether the device is managed.
    Managed,
    /// How the device is joined.
    TrustType,
    /// Country code.
    Country,
    /// City.
    City,
    /// Address the sign-in came from.
    IpAddress,
    /// The same in the diagnostic envelope.
    CallerIpAddress,
    /// Id of the service principal that signed in.
    ServicePrincipalId,
    /// Name of the service principal that signed in.
    ServicePrincipalName,
    /// Id of the session.
    SessionId,
    /// `crossTenantAccessType`.
    CrossTenantAccessType,
    /// Tenant of the user.
    HomeTenantId,
    /// Tenant of the resource.
    ResourceTenantId,
    /// `incomingTokenType`.
    IncomingTokenType,
    /// Category of the diagnostic log.
    Category,
    /// Table of the Log Analytics workspace.
    Table,
    /// `operationName` of the diagnostic envelope.
    Operation,
    /// `signInEventTypes`, separated by commas.
    EventTypes,
    /// `isInteractive`.
    Interactive,
    /// Kind of sign-in by the name of a portal download.
    FileKind,
    /// `riskLevelDuringSignIn`.
    SignInRisk,
    /// `riskLevelAggregated`.
    AggregatedRisk,
    /// `authenticationContextClassReferences` that were required, by id: separated by commas, or
    /// `none` for an empty list.
    AuthenticationContexts,
    /// `conditionalAccessAudiences`, by application id: separated by commas, or `none` for an empty
    /// list.
    Audiences,
    /// Told that there is no device id: it stands there, empty. A log that leaves it out does not
    /// tell.
    NoDeviceId,
}

//! The text fields of a sign-in, as one struct over any kind of text.

/// Declares [`Texts`], its positions [`Field`], and the walks over all of them, so that reading,
/// merging and holding a record never forget a field.
macro_rules! text_fields {
    ($($(#[doc = $doc:literal])+ $name:ident $variant:ident;)+) => {
        /// The text fields of one sign-in. `None`: the log does not tell.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct Texts<T> {
            $($(#[doc = $doc])+ pub $name: Option<T>,)+
        }

        /// One text field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Field {
            $(
                $(#[doc = $doc])+
                $variant,
            )+
        }

        impl Field {
            /// Every field, in order.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its place among all fields.
            #[expect(clippy::as_conversions, reason = "the number of a variant without fields")]
            pub(crate) const fn number(self) -> u32 {
                self as u32
            }

            /// The first of a set of fields, as bits.
            #[inline]
            pub(crate) fn lowest_of(fields: u64) -> Option<Self> {
                let place = usize::try_from(fields.trailing_zeros()).ok()?;
                Self::ALL.get(place).copied()
            }

            /// How many fields there are.
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// Its place in a table with an entry for each field.
            #[expect(clippy::as_conversions, reason = "the number of a variant without fields")]
            pub(crate) const fn place(self) -> usize {
                self as usize
            }

            /// Its name, as in [`Texts`].
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)+
                }
            }
        }

        impl<T> Default for Texts<T> {
            fn default() -> Self {
                Self { $($name: None,)+ }
            }
        }

        impl<T> Texts<T> {
            /// The place of a field.
            pub(crate) fn slot(&mut self, field: Field) -> &mut Option<T> {
                match field {
                    $(Field::$variant => &mut self.$name,)+
                }
            }

            /// What is told of a field.
            pub(crate) fn told(&self, field: Field) -> Option<T>
            where
                T: Copy,
            {
                match field {
                    $(Field::$variant => self.$name,)+
                }
            }

            /// Forgets the fields that are not to be kept.
            pub(crate) fn retain(&mut self, keep: impl Fn(Field) -> bool) {
                $(if !keep(Field::$variant) {
                    self.$name = None;
                })+
            }

            /// Every field that is told.
            pub(crate) fn each(&self, see: &mut impl FnMut(Field, &T)) {
                $(if let Some(text) = &self.$name {
                    see(Field::$variant, text);
                })+
            }

            /// The same fields in another kind of text, from borrowed ones.
            pub(crate) fn convert_ref<'t, U>(
                &'t self,
                convert: &mut impl FnMut(&'t T) -> U,
            ) -> Texts<U> {
                Texts { $($name: self.$name.as_ref().map(&mut *convert),)+ }
            }

            /// Joins every field with the same field of `other`.
            pub(crate) fn join(
                &mut self,
                other: Self,
                join: &mut impl FnMut(Field, &mut Option<T>, Option<T>),
            ) {
                $(join(Field::$variant, &mut self.$name, other.$name);)+
            }
        }
    };
}

text_fields! {
    /// Id of the record.
    id Id;
    /// Id shared by the records of one conversation.
    correlation_id CorrelationId;
    /// Object id of the user.
    user_id UserId;
    /// User principal name.
    user_principal_name UserPrincipalName;
    /// Display name of the user.
    user_display_name UserDisplayName;
    /// Who, in the words of the diagnostic envelope.
    identity Identity;
    /// `member` or `guest`, in any case.
    user_type UserType;
    /// Name used to sign in where it differs from the user principal name.
    alternate_sign_in_name AlternateSignInName;
    /// Display name of the application.
    app_name AppName;
    /// Id of the application.
    app_id AppId;
    /// Display name of the resource.
    resource_name ResourceName;
    /// Id of the resource.
    resource_id ResourceId;
    /// `clientAppUsed`.
    client_app ClientApp;
    /// `authenticationProtocol`.
    protocol Protocol;
    /// `originalTransferMethod`.
    transfer_method TransferMethod;
    /// User agent.
    user_agent UserAgent;
    /// `status.errorCode`.
    error_code ErrorCode;
    /// `resultType` of the diagnostic envelope: a code, or a word.
    result_type ResultType;
    /// `Success`, `Failure` or `Interrupted` of a portal download.
    result_word ResultWord;
    /// `resultSignature` of the diagnostic envelope.
    result_signature ResultSignature;
    /// `status.additionalDetails`.
    additional_details AdditionalDetails;
    /// `status.failureReason`, or the description of the result.
    failure_reason FailureReason;
    /// `authenticationRequirement`.
    authentication_requirement AuthenticationRequirement;
    /// What became of multifactor authentication, in a portal download.
    mfa_result MfaResult;
    /// Method of multifactor authentication.
    mfa_method MfaMethod;
    /// Detail of that method, such as a masked number.
    mfa_detail MfaDetail;
    /// `conditionalAccessStatus`.
    conditional_access_status ConditionalAccessStatus;
    /// Id of the device.
    device_id DeviceId;
    /// Name of the device.
    device_name DeviceName;
    /// Operating system.
    operating_system OperatingSystem;
    /// Browser.
    browser Browser;
    /// Whether the device is compliant.
    compliant Compliant;
    /// Whether the device is managed.
    managed Managed;
    /// How the device is joined.
    trust_type TrustType;
    /// Country code.
    country Country;
    /// City.
    city City;
    /// Address the sign-in came from.
    ip_address IpAddress;
    /// The same in the diagnostic envelope.
    caller_ip_address CallerIpAddress;
    /// Id of the service principal that signed in.
    service_principal_id ServicePrincipalId;
    /// Name of the service principal that signed in.
    service_principal_name ServicePrincipalName;
    /// Id of the session.
    session_id SessionId;
    /// `crossTenantAccessType`.
    cross_tenant_access_type CrossTenantAccessType;
    /// Tenant of the user.
    home_tenant_id HomeTenantId;
    /// Tenant of the resource.
    resource_tenant_id ResourceTenantId;
    /// `incomingTokenType`.
    incoming_token_type IncomingTokenType;
    /// Category of the diagnostic log.
    category Category;
    /// Table of the Log Analytics workspace.
    table Table;
    /// `operationName` of the diagnostic envelope.
    operation Operation;
    /// `signInEventTypes`, separated by commas.
    event_types EventTypes;
    /// `isInteractive`.
    interactive Interactive;
    /// Kind of sign-in by the name of a portal download.
    file_kind FileKind;
}

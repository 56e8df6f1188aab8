//! Records of every shape, drawn.

/// SplitMix64: the same draws on every machine.
pub(super) struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ it >> 31
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

/// Keys at the top of a record or of its properties, parts left out.
const KEYS: &[&str] = &[
    "id",
    "correlationId",
    "createdDateTime",
    "time",
    "TimeGenerated",
    "TimeGenerated [UTC]",
    "userId",
    "userPrincipalName",
    "userDisplayName",
    "identity",
    "userType",
    "alternateSignInName",
    "appDisplayName",
    "appId",
    "resourceDisplayName",
    "resourceId",
    "resourceIdentity",
    "clientAppUsed",
    "authenticationProtocol",
    "originalTransferMethod",
    "userAgent",
    "resultType",
    "resultSignature",
    "resultDescription",
    "authenticationRequirement",
    "conditionalAccessStatus",
    "ipAddress",
    "callerIpAddress",
    "servicePrincipalId",
    "servicePrincipalName",
    "sessionId",
    "crossTenantAccessType",
    "homeTenantId",
    "resourceTenantId",
    "incomingTokenType",
    "category",
    "Type",
    "operationName",
    "isInteractive",
    "riskLevelDuringSignIn",
    "RiskLevelAggregated",
];

const PARTS: &[&str] = &[
    "properties",
    "status",
    "deviceDetail",
    "location",
    "LocationDetails",
    "mfaDetail",
    "appliedConditionalAccessPolicies",
    "conditionalAccessPolicies",
    "ConditionalAccessPoliciesV2",
    "authenticationRequirementPolicies",
    "authenticationDetails",
    "signInEventTypes",
    "authenticationContextClassReferences",
    "conditionalAccessAudiences",
];

const OTHERS: &[&str] = &[
    "tenantId",
    "level",
    "Level",
    "riskState",
    "networkLocationDetails",
    "",
    "x",
    "é",
    "value",
    "records",
    "Value",
    "targetResources",
    "grantControls",
    "aKeyThatIsLongerThanAnyKeyThatMeansAnythingToAnybodyWhoReadsIt",
];

/// Keys inside of parts, and of their elements.
const INNER_KEYS: &[&str] = &[
    "errorCode",
    "failureReason",
    "additionalDetails",
    "deviceId",
    "displayName",
    "operatingSystem",
    "browser",
    "isCompliant",
    "isManaged",
    "trustType",
    "countryOrRegion",
    "city",
    "state",
    "authMethod",
    "authDetail",
    "id",
    "result",
    "requirementProvider",
    "authenticationMethod",
    "authenticationMethodDetail",
    "authenticationStepResultDetail",
    "authenticationStepRequirement",
    "succeeded",
    "status",
    "detail",
    "applicationId",
];

const SUFFIXES: &[&str] =
    &["_string", "_dynamic", "_bool", "_datetime", "_long", "_guid", " [UTC]"];

const WORDS: &[&str] = &[
    "Browser",
    "browser ",
    "IMAP4",
    "success",
    "failure",
    "0",
    "50126",
    "true",
    "SignInLogs",
    "AuditLogs",
    "Sign-in activity",
    "none",
    "unknown",
    "/tenants/1/providers/x",
    "Leeds, Leeds, GB",
    "GB",
    "interactiveUser",
    "00000000-0000-0000-0000-000000000000",
    " \u{a0}",
    "\u{2003}told\u{2003}",
    "ü",
    "\u{1f600}",
];

const TIMES: &[&str] = &[
    "2026-11-19T08:00:00Z",
    "2026-11-19T08:00:00.1234567Z",
    "2026-11-19T23:59:59.9+00:00",
    "2026-11-19T08:00:00+01:00",
    "2026-11-19 08:00:00",
    "2026-11-19",
    "2026-11-2",
    "2026-11-2T08:00:00Z",
    "11/19/2026 8:00:00 AM",
    "19.11.2026 08:00",
    "/Date(1795075200000)/",
    "2026-02-30T08:00:00Z",
    "2026-11-19T24:00:00Z",
    " 2026-11-19T08:00:00Z",
    "never",
];

const ESCAPES: &[&str] = &[
    r#"\""#,
    r"\\",
    r"\/",
    r"\b",
    r"\f",
    r"\n",
    r"\r",
    r"\t",
    r"\u0041",
    r"\u00e9",
    r"\u0000",
    r"\ud83d\ude00",
    r"\u201C",
    r#"\\\""#,
];

/// Escapes that no text has.
const NO_ESCAPES: &[&str] =
    &[r"\x", r"\ud83d", r"\ude00", r"\ud83d\u0041", r"\u12", r"\u+123", "\u{1}", "\n"];

const SCALARS: &[&str] = &[
    "0",
    "1",
    "50126",
    "-1",
    "-0",
    "1.5",
    "0.0",
    "1e5",
    "1E-2",
    "123456789012345678",
    "1234567890123456789",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345678901234567890",
    "true",
    "false",
    "null",
];

const NO_SCALARS: &[&str] =
    &["1e999", "01", "1.", "-", "tru", "nul", "NaN", "+1", "True", "1 2", ""];

/// How the texts of one draw are written.
#[derive(Clone, Copy)]
pub(super) enum Blanks {
    /// Nothing stands between signs.
    None,
    /// One blank behind every comma and colon.
    Plain,
    /// Lines and indentation.
    Lines,
    /// Any of the four blanks, anywhere.
    Any,
}

/// What is drawn.
pub(super) struct Draw {
    pub chance: Chance,
    pub blanks: Blanks,
    /// One in so many values is of a kind that its key does not have.
    pub strange: usize,
    /// One in so many texts and words is none. 0: all are sound.
    pub unsound: usize,
    /// Whether values may nest as deep as anybody follows them.
    pub deep: bool,
}

/// One key of a record, and how its value is drawn.
#[derive(Clone)]
pub(super) struct Member {
    key: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Word,
    Text,
    Time,
    Id,
    Scalar,
    /// The same in all records.
    Always(String),
    Object(Vec<Member>),
    /// A list of such objects.
    List(Vec<Member>),
    Words,
    Nested,
    /// JSON in a text.
    Packed(Box<Kind>),
}

impl Draw {
    /// The keys of a record, in the order in which all records of a text have them.
    pub(super) fn template(&mut self) -> Vec<Member> {
        let mut members = self.members(24, true);
        if self.chance.one_in(2) {
            // The diagnostic envelope.
            let inner = self.members(16, false);
            let at = self.chance.below(members.len() + 1);
            members.insert(at, Member { key: "properties".into(), kind: Kind::Object(inner) });
        }
        members
    }

    fn members(&mut self, most: usize, outermost: bool) -> Vec<Member> {
        let count = self.chance.below(most);
        let mut members = Vec::new();
        for _ in 0..count {
            let member = match self.chance.below(12) {
                0..=6 => self.field(),
                7..=9 => {
                    let part = PARTS[usize::from(!outermost)..].to_vec();
                    let part = self.chance.pick(&part);
                    self.part(part)
                }
                _ => {
                    let kind = self.any_kind(2);
                    let key = match self.chance.below(if outermost { 14 } else { 10 }) {
                        0..=10 => "level",
                        _ => self.chance.pick(OTHERS),
                    };
                    Member { key: key.into(), kind }
                }
            };
            members.push(member);
        }
        if !members.is_empty() && self.chance.one_in(3) {
            // The same key again.
            let again = members[self.chance.below(members.len())].clone();
            members.push(again);
        }
        members
    }

    fn field(&mut self) -> Member {
        let key = self.chance.pick(KEYS);
        let lower = key.to_lowercase();
        let kind = if lower.contains("time") {
            Kind::Time
        } else {
            match self.chance.below(8) {
                0 => Kind::Id,
                1 => Kind::Scalar,
                2 => Kind::Text,
                3 => Kind::Always(self.value(&Kind::Word)),
                _ => Kind::Word,
            }
        };
        Member { key: self.cased(key), kind }
    }

    fn part(&mut self, part: &str) -> Member {
        let count = self.chance.below(6);
        let mut members = Vec::new();
        for _ in 0..count {
            let key = self.chance.pick(INNER_KEYS);
            let key = self.cased(key);
            let kind = if self.chance.one_in(4) { self.any_kind(2) } else { Kind::Word };
            members.push(Member { key, kind });
        }
        let kind = match part {
            "signInEventTypes" => Kind::Words,
            "conditionalAccessAudiences" if self.chance.one_in(2) => Kind::Words,
            "authenticationContextClassReferences" | "conditionalAccessAudiences" => {
                Kind::List(members)
            }
            _ if part.to_lowercase().contains("polic") || part == "authenticationDetails" => {
                Kind::List(members)
            }
            _ => Kind::Object(members),
        };
        let packed = self.chance.one_in(5);
        let kind = if packed { Kind::Packed(Box::new(kind)) } else { kind };
        Member { key: self.cased(part), kind }
    }

    fn any_kind(&mut self, depth: usize) -> Kind {
        match self.chance.below(if depth == 0 { 6 } else { 10 }) {
            0 => Kind::Word,
            1 => Kind::Text,
            2 => Kind::Time,
            3 => Kind::Id,
            4 => Kind::Scalar,
            5 => Kind::Words,
            6 => Kind::Nested,
            7 => Kind::Object(self.members(4, false)),
            8 => Kind::List(self.members(4, false)),
            _ => Kind::Packed(Box::new(self.any_kind(depth - 1))),
        }
    }

    fn cased(&mut self, key: &str) -> String {
        let mut key = match self.chance.below(12) {
            0 => key.to_uppercase(),
            1 => key.to_lowercase(),
            _ => key.to_owned(),
        };
        if self.chance.one_in(10) {
            key.push_str(self.chance.pick(SUFFIXES));
        }
        key
    }

    /// One record of a template.
    pub(super) fn record(&mut self, template: &[Member]) -> String {
        let mut members = template.to_vec();
        // Now and then a record differs from the others.
        if self.chance.one_in(self.strange) && !members.is_empty() {
            let (one, other) = (self.chance.below(members.len()), self.chance.below(members.len()));
            match self.chance.below(5) {
                0 => members.swap(one, other),
                1 => drop(members.remove(one)),
                2 => members[one].key = self.cased(&template[one].key),
                3 => members[one].kind = self.any_kind(2),
                _ => {
                    let mut member = members[one].clone();
                    member.kind = self.any_kind(2);
                    members.insert(other, member);
                }
            }
        }
        self.object(&members)
    }

    fn object(&mut self, members: &[Member]) -> String {
        let mut out = "{".to_owned();
        for (place, member) in members.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            self.between(&mut out, place > 0);
            let value = if self.chance.one_in(self.strange * 8) {
                let kind = self.any_kind(2);
                self.value(&kind)
            } else {
                self.value(&member.kind)
            };
            self.key(&member.key, &mut out);
            if matches!(self.blanks, Blanks::Any) {
                self.between(&mut out, false);
            }
            out.push(':');
            self.between(&mut out, true);
            out.push_str(&value);
            if matches!(self.blanks, Blanks::Any) {
                self.between(&mut out, false);
            }
        }
        if matches!(self.blanks, Blanks::Lines | Blanks::Any) {
            self.between(&mut out, false);
        }
        out.push('}');
        out
    }

    fn key(&mut self, key: &str, out: &mut String) {
        out.push('"');
        match key.chars().next() {
            Some(first) if self.chance.one_in(self.strange * 20) => {
                out.push_str(&format!("\\u{:04x}", u32::from(first)));
                out.push_str(&key[first.len_utf8()..]);
            }
            _ => out.push_str(key),
        }
        out.push('"');
    }

    fn between(&mut self, out: &mut String, behind_sign: bool) {
        match self.blanks {
            Blanks::None => {}
            Blanks::Plain if behind_sign => out.push(' '),
            Blanks::Plain => {}
            Blanks::Lines => out.push_str(if out.ends_with(':') { " " } else { "\n  " }),
            Blanks::Any => {
                for _ in 0..self.chance.below(3) {
                    out.push_str(self.chance.pick(&[" ", "\t", "\r", "\n", "\r\n", "    "]));
                }
            }
        }
    }

    fn list(&mut self, items: Vec<String>) -> String {
        let mut out = "[".to_owned();
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            self.between(&mut out, place > 0);
            out.push_str(item);
        }
        if matches!(self.blanks, Blanks::Any) {
            self.between(&mut out, false);
        }
        out.push(']');
        out
    }

    fn value(&mut self, kind: &Kind) -> String {
        match kind {
            Kind::Word => self.quoted_of(WORDS),
            Kind::Time => self.quoted_of(TIMES),
            Kind::Always(value) => value.clone(),
            Kind::Id if self.chance.one_in(20) => {
                r#""00000000-0000-0000-0000-000000000000""#.to_owned()
            }
            Kind::Id => {
                let (one, other) = (self.chance.next() >> 32, self.chance.next() >> 16);
                format!("\"{one:08x}-1234-5678-9abc-{other:012x}\"")
            }
            Kind::Text => self.text(),
            Kind::Scalar if self.unsound > 0 && self.chance.one_in(self.unsound) => {
                self.chance.pick(NO_SCALARS).to_owned()
            }
            Kind::Scalar => self.chance.pick(SCALARS).to_owned(),
            Kind::Object(members) => self.object(members),
            Kind::List(members) => {
                let items = (0..self.chance.below(4)).map(|_| self.object(members)).collect();
                self.list(items)
            }
            Kind::Words => {
                let mut items = Vec::new();
                for _ in 0..self.chance.below(4) {
                    let kind = if self.chance.one_in(8) { self.any_kind(1) } else { Kind::Word };
                    items.push(self.value(&kind));
                }
                self.list(items)
            }
            Kind::Nested => {
                let depth = match self.chance.below(12) {
                    0 if self.deep => 55 + self.chance.below(80),
                    _ => self.chance.below(9),
                };
                let (mut open, mut close) = (String::new(), String::new());
                for _ in 0..depth {
                    let list = self.chance.one_in(2);
                    open.push_str(if list { "[" } else { r#"{"a":"# });
                    close.insert(0, if list { ']' } else { '}' });
                }
                format!("{open}{}{close}", self.text())
            }
            Kind::Packed(kind) => {
                let inner = self.value(kind);
                serde_json::to_string(&inner).unwrap()
            }
        }
    }

    fn quoted_of(&mut self, of: &[&str]) -> String {
        format!("\"{}\"", self.chance.pick(of))
    }

    /// A text with anything in it.
    fn text(&mut self) -> String {
        let mut out = "\"".to_owned();
        let length = match self.chance.below(40) {
            0 => 5000,
            1 => 62 + self.chance.below(5),
            2 => 126 + self.chance.below(4),
            _ => self.chance.below(20),
        };
        while out.len() < length {
            match self.chance.below(12) {
                0 => out.push_str(self.chance.pick(ESCAPES)),
                1 => {
                    out.push_str(self.chance.pick(&["{", "}", "[", "]", "},", "\u{e9}", ":", ","]))
                }
                2 => out.push_str(r#"\",\"appId\":\""#),
                3 if self.unsound > 0 && self.chance.one_in(self.unsound) => {
                    out.push_str(self.chance.pick(NO_ESCAPES));
                }
                _ => out.push_str(self.chance.pick(&["a", "b ", "word", "0000", "-"])),
            }
        }
        out.push('"');
        out
    }

    /// The text with a few signs changed, put in, repeated or cut off.
    pub(super) fn broken(&mut self, text: &str) -> String {
        let mut signs: Vec<char> = text.chars().collect();
        for _ in 0..=self.chance.below(2) {
            let at = self.chance.below(signs.len());
            let sign = *b"{}[]\",:\\\n\r \t0x-\x01".get(self.chance.below(16)).unwrap();
            match self.chance.below(5) {
                0 => signs[at] = char::from(sign),
                1 => signs.insert(at, char::from(sign)),
                2 => drop(signs.remove(at)),
                3 => signs.truncate(at.max(1)),
                _ => drop(signs.drain(at..signs.len().min(at + 1 + self.chance.below(20)))),
            }
            if signs.is_empty() {
                signs.push('"');
            }
        }
        signs.into_iter().collect()
    }
}

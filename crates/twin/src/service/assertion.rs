//! `private_key_jwt`: the assertion of an app that holds a certificate, verified for real.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What an assertion is held against.
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a str,
    /// Path of the token endpoint, which the audience names.
    pub(super) path: &'a str,
    /// Registered certificates, DER.
    pub(super) certificates: &'a [Vec<u8>],
    pub(super) now: Timestamp,
}

/// Why an assertion is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Shape,
    Algorithm,
    NotRegistered,
    Signature,
    Audience,
    Issuer,
    Time,
}

impl Fault {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Shape => "It is no signed JWT with the claims an assertion has.",
            Self::Algorithm => "It is signed with neither PS256 nor RS256.",
            Self::NotRegistered => "The certificate is not registered for the app.",
            Self::Signature => "The signature is not the certificate's.",
            Self::Audience => "The audience is not this endpoint.",
            Self::Issuer => "Issuer and subject are not the app.",
            Self::Time => "It is not within its validity time range.",
        }
    }
}

/// Longest an assertion may be good for, in seconds.
const LONGEST: i64 = 86_400;
/// Seconds two clocks may differ.
const SKEW: i64 = 300;

/// Verifies an assertion and gives back its `jti`, which is good for one use.
pub(super) fn verify(assertion: &str, expected: &Expected<'_>) -> Result<String, Fault> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or(Fault::Shape)?;
    let (header, claims) = signed.split_once('.').ok_or(Fault::Shape)?;
    let header = object(header)?;
    let claims = object(claims)?;
    let text = |of: &Map<String, Value>, name: &str| {
        of.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(Fault::Shape)
    };
    let algorithm = match text(&header, "alg")?.as_str() {
        "PS256" => Algorithm::PS256,
        "RS256" => Algorithm::RS256,
        _ => return Err(Fault::Algorithm),
    };
    let thumbprint = text(&header, "x5t#S256")?;
    let is_it = |it: &&Vec<u8>| URL_SAFE_NO_PAD.encode(Sha256::digest(it)) == thumbprint;
    let certificate = expected.certificates.iter().find(is_it).ok_or(Fault::NotRegistered)?;
    let key = public_key(certificate).ok_or(Fault::NotRegistered)?;
    let key = DecodingKey::from_rsa_der(key);
    let holds = jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm);
    if !holds.unwrap_or(false) {
        return Err(Fault::Signature);
    }
    let audience = text(&claims, "aud")?;
    let is_here = url::Url::parse(&audience).is_ok_and(|it| it.path() == expected.path);
    if !is_here {
        return Err(Fault::Audience);
    }
    for name in ["iss", "sub"] {
        if !text(&claims, name)?.eq_ignore_ascii_case(expected.client_id) {
            return Err(Fault::Issuer);
        }
    }
    let second = |name: &str| claims.get(name).and_then(Value::as_i64).ok_or(Fault::Shape);
    let now = expected.now.as_second();
    let (begins, ends) = (second("nbf")?, second("exp")?);
    if ends <= now || begins > now + SKEW || ends - begins > LONGEST {
        return Err(Fault::Time);
    }
    text(&claims, "jti")
}

fn object(part: &str) -> Result<Map<String, Value>, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Shape)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Fault::Shape),
    }
}

/// The RSA public key (PKCS #1) within a certificate (RFC 5280, section 4.1).
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const BITS: u8 = 0x03;
    const VERSION: u8 = 0xa0;
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(fields, VERSION) {
        fields = rest;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for _ in 0..5 {
        let tag = *fields.first()?;
        (_, fields) = element(fields, tag)?;
    }
    let (key, _) = element(fields, SEQUENCE)?;
    let (_, bits) = element(key, SEQUENCE)?;
    let (bits, _) = element(bits, BITS)?;
    // The number of bits that are not used, which is none.
    let (0, key) = bits.split_first()? else { return None };
    Some(key)
}

/// The content of the element at the beginning, if it has this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |sum, it| sum * 256 + usize::from(*it)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    use super::*;

    const KEY: &[u8] = include_bytes!("../../tests/certificate/key.pem");
    const CERTIFICATE: &[u8] = include_bytes!("../../tests/certificate/certificate.der");
    const PATH: &str = "/t/oauth2/v2.0/token";
    const APP: &str = "c1";

    fn now() -> Timestamp {
        "2026-11-20T08:00:00Z".parse().unwrap()
    }

    fn claims() -> Value {
        let second = now().as_second();
        json!({"aud": format!("http://127.0.0.1:1{PATH}"), "iss": APP, "sub": APP, "jti": "j",
            "nbf": second, "iat": second, "exp": second + 300})
    }

    fn signed(claims: &Value, algorithm: Algorithm, thumbprint: &str) -> String {
        let mut header = Header::new(algorithm);
        header.x5t_s256 = Some(thumbprint.to_owned());
        let key = EncodingKey::from_rsa_pem(KEY).unwrap();
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }

    fn judge(assertion: &str) -> Result<String, Fault> {
        let certificates = [b"another".to_vec(), CERTIFICATE.to_vec()];
        let expected =
            Expected { client_id: APP, path: PATH, certificates: &certificates, now: now() };
        verify(assertion, &expected)
    }

    fn thumbprint() -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(CERTIFICATE))
    }

    #[test]
    fn a_signed_assertion_is_taken() {
        for algorithm in [Algorithm::PS256, Algorithm::RS256] {
            assert_eq!(judge(&signed(&claims(), algorithm, &thumbprint())), Ok("j".to_owned()));
        }
    }

    #[test]
    fn everything_about_an_assertion_is_looked_at() {
        let second = now().as_second();
        let changed = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            signed(&claims, Algorithm::PS256, &thumbprint())
        };
        let cases = [
            (changed("aud", json!("http://127.0.0.1:1/other/oauth2/v2.0/token")), Fault::Audience),
            (changed("iss", json!("c2")), Fault::Issuer),
            (changed("sub", json!("c2")), Fault::Issuer),
            (changed("exp", json!(second)), Fault::Time),
            (changed("exp", json!(second + 90_000)), Fault::Time),
            (changed("nbf", json!(second + 301)), Fault::Time),
            (changed("jti", json!(null)), Fault::Shape),
            (signed(&claims(), Algorithm::PS256, "nobody"), Fault::NotRegistered),
            (signed(&claims(), Algorithm::RS384, &thumbprint()), Fault::Algorithm),
            ("a.b.c".to_owned(), Fault::Shape),
            (String::new(), Fault::Shape),
        ];
        for (assertion, expected) in cases {
            assert_eq!(judge(&assertion), Err(expected), "{assertion}");
        }
        let good = signed(&claims(), Algorithm::PS256, &thumbprint());
        let mut parts: Vec<&str> = good.split('.').collect();
        let other = signed(&json!({"aud": "x"}), Algorithm::PS256, &thumbprint());
        let stolen = other.rsplit('.').next().unwrap();
        parts[2] = stolen;
        assert_eq!(judge(&parts.join(".")), Err(Fault::Signature));
    }

    #[test]
    fn a_certificate_cut_anywhere_is_no_key() {
        assert!(public_key(CERTIFICATE).is_some());
        for end in 0..CERTIFICATE.len().min(200) {
            assert_eq!(public_key(&CERTIFICATE[..end]), None);
        }
    }
}

//! Signing in with a certificate: a signed assertion instead of a secret (Microsoft identity
//! platform, *Microsoft identity platform application authentication certificate credentials*).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Denied;
use super::der;

/// How long an assertion is good: Microsoft recommends 5 to 10 minutes.
const LIFE_SECONDS: i64 = 600;

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    iat: i64,
    exp: i64,
}

/// What is wrong with what stands in the file of the certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotUsable {
    #[error(
        "the file holds no `-----BEGIN CERTIFICATE-----`: put the certificate beside the key, as \
         PEM"
    )]
    NoCertificate,
    #[error("the file holds no `-----BEGIN PRIVATE KEY-----`: put the key beside the certificate")]
    NoKey,
    #[error(
        "the private key is protected by a password: write it without one \
         (`openssl pkcs8 -topk8 -nocrypt`) and keep the file readable by nobody else"
    )]
    KeyWithPassword,
    #[error("the private key is no RSA key, which PS256 needs")]
    KeyNotRsa,
    #[error("the private key cannot be read")]
    KeyBroken,
    #[error("the certificate cannot be read")]
    CertificateBroken,
    #[error("the private key belongs to none of the certificates in the file")]
    NotAPair,
    #[error("the certificate ended at {0}")]
    Ended(Timestamp),
    #[error("the certificate begins at {0} only: is the clock of this machine right?")]
    NotYet(Timestamp),
    #[error("the private key cannot sign: Microsoft Entra takes RSA keys of 2048 bits and more")]
    CannotSign,
}

impl From<NotUsable> for Denied {
    fn from(what: NotUsable) -> Self {
        Self::because(format!("the certificate of the app is not usable: {what}"))
    }
}

/// A signed assertion: who we are, to whom we say it, and for how long.
pub(super) fn sign(
    pem: &SecretString,
    client_id: &str,
    audience: &str,
    now: Timestamp,
    id: Uuid,
) -> Result<SecretString, NotUsable> {
    let blocks = blocks(pem.expose_secret());
    let key = key(&blocks)?;
    let certificate = certificate_of(&blocks, &key, now)?;
    let mut header = Header::new(Algorithm::PS256);
    header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(Sha256::digest(certificate)));
    let at = now.as_second();
    let claims = Claims {
        aud: audience,
        iss: client_id,
        sub: client_id,
        jti: id.to_string(),
        nbf: at,
        iat: at,
        exp: at.saturating_add(LIFE_SECONDS),
    };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_rsa_der(&key))
        .map(SecretString::from)
        .map_err(|_| NotUsable::CannotSign)
}

/// One block of a PEM file (RFC 7468).
struct Block<'a> {
    label: &'a str,
    /// `None`: not base64.
    der: Option<Zeroizing<Vec<u8>>>,
}

fn blocks(pem: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        rest = after;
        let Some((label, after)) = after.split_once("-----") else { break };
        let Some((text, after)) = after.split_once(&format!("-----END {label}-----")) else {
            blocks.push(Block { label, der: None });
            continue;
        };
        let text: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
        let der = STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new);
        blocks.push(Block { label, der });
        rest = after;
    }
    blocks
}

/// The private key as PKCS#1.
fn key(blocks: &[Block<'_>]) -> Result<Zeroizing<Vec<u8>>, NotUsable> {
    let block =
        blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY")).ok_or(NotUsable::NoKey)?;
    match (block.label, &block.der) {
        ("ENCRYPTED PRIVATE KEY", _) => Err(NotUsable::KeyWithPassword),
        ("PRIVATE KEY", Some(der)) => der::pkcs8_rsa_key(der)
            .ok_or(NotUsable::KeyBroken)?
            .map(|key| Zeroizing::new(key.to_vec()))
            .ok_or(NotUsable::KeyNotRsa),
        ("RSA PRIVATE KEY", Some(der)) => Ok(der.clone()),
        // The old way of OpenSSL: headers say so inside the block, which makes it no base64.
        ("PRIVATE KEY" | "RSA PRIVATE KEY", None) => Err(NotUsable::KeyBroken),
        _ => Err(NotUsable::KeyNotRsa),
    }
}

/// The certificate of the key, out of a chain in whatever order.
fn certificate_of<'a>(
    blocks: &'a [Block<'_>],
    key: &[u8],
    now: Timestamp,
) -> Result<&'a [u8], NotUsable> {
    let modulus = der::rsa_modulus(key).ok_or(NotUsable::KeyBroken)?;
    let mut why_not = NotUsable::NoCertificate;
    for block in blocks.iter().filter(|block| block.label == "CERTIFICATE") {
        let Some(der) = &block.der else {
            why_not = NotUsable::CertificateBroken;
            continue;
        };
        let Some(certificate) = der::certificate(der) else {
            why_not = NotUsable::CertificateBroken;
            continue;
        };
        if certificate.modulus != Some(modulus) {
            if why_not == NotUsable::NoCertificate {
                why_not = NotUsable::NotAPair;
            }
            continue;
        }
        if certificate.not_after < now {
            return Err(NotUsable::Ended(certificate.not_after));
        }
        if certificate.not_before > now {
            return Err(NotUsable::NotYet(certificate.not_before));
        }
        return Ok(der);
    }
    Err(why_not)
}

//! Signing in.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra::graph::{
    Client, Cloud, Credential, DeviceCodePrompt, Endpoints, GraphError, ManagedIdentity, Options,
    Workload,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{Reply, SECRET, Scripted, client, options, read};

const APP: &str = "00000000-aaaa-0000-0000-000000000001";

fn with(credential: Credential) -> Options {
    Options { credential, now: "2027-06-01T08:00:00Z".parse().unwrap(), ..options() }
}

/// What one request comes to when the authority and Graph answer by a script.
async fn one(options: Options, script: &Scripted) -> Result<(), GraphError> {
    Client::new(script.clone(), options).call(&read(Workload::Other)).await.map(|_| ())
}

fn refusal(error: GraphError) -> (String, Vec<i64>) {
    match error {
        GraphError::NoToken { reason, codes } => (reason, codes),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_sent_to_the_authority_of_each_cloud_and_nowhere_else() {
    for (cloud, authority, graph) in [
        (Cloud::Global, "login.microsoftonline.com", "graph.microsoft.com"),
        (Cloud::UsGovernment, "login.microsoftonline.us", "graph.microsoft.us"),
        (Cloud::UsGovernmentDod, "login.microsoftonline.us", "dod-graph.microsoft.us"),
        (Cloud::China, "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),
    ] {
        let transport = Scripted::in_turn([Reply::ok()]);
        let options = Options { endpoints: Endpoints::of(cloud), ..options() };
        one(options, &transport).await.unwrap();
        let all = transport.all();
        assert_eq!((all[0].host.as_str(), all[1].host.as_str()), (authority, graph));
        assert_eq!(all[0].path, "/ne.example/oauth2/v2.0/token");
        assert_eq!(all[0].header("content-type"), "application/x-www-form-urlencoded");
        let form = |name: &str| all[0].form(name).unwrap_or_default();
        assert_eq!(form("client_id"), APP);
        assert_eq!(form("client_secret"), SECRET);
        assert_eq!(form("grant_type"), "client_credentials");
        assert_eq!(form("scope"), format!("https://{graph}/.default"));
        assert!(!String::from_utf8_lossy(&all[1].body).contains(SECRET));
    }
}

#[tokio::test(start_paused = true)]
async fn requests_at_the_same_time_fetch_one_token_and_share_one_refusal() {
    let transport = Scripted::raw(|sent| {
        if sent.asks_for_token() { Reply::token("t", 3_599).after(2_000) } else { Reply::ok() }
    });
    let of_graph = client(&transport);
    let call = read(Workload::Other);
    let (a, b, c) = tokio::join!(of_graph.call(&call), of_graph.call(&call), of_graph.batch(&[]));
    assert!(a.is_ok() && b.is_ok() && c.is_empty());
    assert_eq!((transport.tokens(), transport.sent().len()), (1, 2));

    let transport = Scripted::raw(|_| {
        Reply::json(401, json!({"error": "invalid_client", "error_codes": [7_000_222]})).after(50)
    });
    let refused = client(&transport);
    let directory = read(Workload::Directory);
    let calls = [read(Workload::Alerts), read(Workload::Alerts)];
    let (a, b, c) =
        tokio::join!(refused.call(&call), refused.call(&directory), refused.batch(&calls));
    for error in
        [a.unwrap_err(), b.unwrap_err()].into_iter().chain(c.into_iter().map(Result::unwrap_err))
    {
        assert!(error.what_to_do().unwrap().contains("has ended"));
        assert_eq!(refusal(error).1, [7_000_222]);
    }
    assert_eq!(transport.tokens(), 1);
    // Somebody who comes later asks for himself.
    assert!(refused.call(&call).await.is_err());
    assert_eq!(transport.tokens(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_until_some_minutes_before_its_end() {
    let transport = Scripted::new(|_| Reply::ok());
    let client = client(&transport);
    let call = read(Workload::Other);
    for (seconds, tokens) in [(0, 1), (3_298, 1), (3_300, 2), (6_500, 2), (6_600, 3)] {
        let now = transport.all().last().map_or(0, |sent| sent.at / 1_000);
        sleep(Duration::from_secs(seconds - now)).await;
        client.call(&call).await.unwrap();
        assert_eq!(transport.tokens(), tokens, "after {seconds} s");
    }
    // A short one is not fetched anew for each request.
    let transport =
        Scripted::raw(
            |sent| {
                if sent.asks_for_token() { Reply::token("t", 60) } else { Reply::ok() }
            },
        );
    let client = Client::new(transport.clone(), options());
    for _ in 0..4 {
        client.call(&call).await.unwrap();
        sleep(Duration::from_secs(14)).await;
    }
    assert_eq!(transport.tokens(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_by_one_for_everybody() {
    let challenge = format!(
        "Bearer error=\"insufficient_claims\", claims=\"{}\"",
        STANDARD.encode(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#)
    );
    let transport = Scripted::new(move |sent| {
        if sent.header("authorization") == "Bearer token-1" {
            Reply::error(401, "InvalidAuthenticationToken")
                .with("www-authenticate", &challenge)
                .after(1_000)
        } else {
            Reply::ok()
        }
    });
    let of_graph = client(&transport);
    let call = read(Workload::Other);
    let (a, b, c) = tokio::join!(of_graph.call(&call), of_graph.call(&call), async {
        sleep(Duration::from_millis(500)).await;
        of_graph.call(&call).await
    });
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!((transport.tokens(), transport.sent().len()), (2, 6));
    let asked: Vec<_> = transport.all().into_iter().filter(|sent| sent.asks_for_token()).collect();
    assert_eq!(asked[0].form("claims"), None);
    assert_eq!(
        asked[1].form("claims").as_deref(),
        Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#)
    );

    let transport = Scripted::new(|_| Reply::error(401, "InvalidAuthenticationToken"));
    let error = client(&transport).call(&call).await.unwrap_err();
    assert!(matches!(error, GraphError::Refused { status: 401, .. }), "{error:?}");
    assert_eq!((transport.tokens(), transport.sent().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_the_authority_refuses_is_told_without_ids_and_secrets_and_not_asked_again() {
    let table = [
        (401, "invalid_client", 7_000_215, "not its id"),
        (401, "invalid_client", 7_000_222, "has ended"),
        (400, "unauthorized_client", 700_016, "not in this tenant"),
        (400, "invalid_request", 90_002, "no such tenant"),
        (401, "invalid_client", 7_000_112, "enable the app"),
        (400, "access_denied", 53_003, "Conditional Access"),
    ];
    for (status, error, code, hint) in table {
        let body = json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: No.\r\nTrace ID: 11111111-2222 Correlation ID: 3 Timestamp: 4"
            ),
            "error_codes": [code],
            "trace_id": "11111111-2222",
        });
        let transport = Scripted::raw(move |_| Reply::json(status, body.clone()));
        let error = one(options(), &transport).await.unwrap_err();
        assert!(error.what_to_do().unwrap().contains(hint), "{code}");
        assert_eq!(
            error.to_string(),
            format!("signing in to the tenant failed: AADSTS{code}: No.")
        );
        assert_eq!(transport.all().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_authority_that_stumbles_is_asked_again_and_given_up_in_time() {
    let stumbles = [
        Reply::error(503, "x"),
        Reply::error(429, "x").with("Retry-After", "40"),
        Reply::json(400, json!({"error": "temporarily_unavailable"})),
        Reply::json(400, json!({"error": "x", "error_codes": [90_033]})),
        Reply::Lost,
        Reply::NotSent,
        Reply::text(200, r#"{"access_token": "half-a-tok"#),
        Reply::json(200, json!({"access_token": "endless"})),
        Reply::ok().after(90_001),
    ];
    for stumble in stumbles {
        let of_script = stumble.clone();
        let mut stumbled = false;
        let transport = Scripted::raw(move |sent| {
            if !sent.asks_for_token() {
                return Reply::ok();
            }
            if std::mem::replace(&mut stumbled, true) {
                return Reply::token("t", 3_599);
            }
            of_script.clone()
        });
        one(options(), &transport).await.unwrap();
        assert_eq!(transport.tokens(), 2, "{stumble:?}");
        if let Reply::Answer { headers, .. } = &stumble
            && !headers.is_empty()
        {
            assert_eq!(transport.all()[1].at, 40_000);
        }

        let transport = Scripted::raw(move |_| stumble.clone());
        let error = one(options(), &transport).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(matches!(error, GraphError::NoToken { .. }));
        assert!(!told.contains("half-a-tok") && !told.contains(SECRET), "{told}");
        assert!(transport.all().last().unwrap().at <= 600_000);
        assert!(transport.sent().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_no_name_reaches_nobody() {
    for tenant in ["", "../common", "ne.example/oauth2", "ne example", "a?b", ".", "tenänt"] {
        let transport = Scripted::raw(|_| panic!("nothing is sent"));
        let options = Options { tenant: tenant.to_owned(), ..options() };
        let (reason, _) = refusal(one(options, &transport).await.unwrap_err());
        assert!(reason.contains("neither the id of a tenant"), "{tenant}: {reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_no_header_carries_is_an_error_that_does_not_show_it() {
    let transport = Scripted::raw(|_| Reply::token("to\nken", 3_599));
    let error = one(options(), &transport).await.unwrap_err();
    assert_eq!(refusal(error).0, "the token is not text a header can carry");
}

// --- A certificate ---------------------------------------------------------------------------

const APP_PEM: &str = include_str!("pem/app.pem");
const PKCS1_KEY: &str = include_str!("pem/app-pkcs1-key.pem");
const WEAK_PEM: &str = include_str!("pem/weak.pem");
const ELLIPTIC_PEM: &str = include_str!("pem/elliptic.pem");
const PASSWORD_PEM: &str = include_str!("pem/password.pem");
/// `openssl x509 -fingerprint -sha256` of `app.pem`.
const FINGERPRINT: &str = "F573AE1AA1380CD911CE94EEF7CF06690211B8192E3905128D7D84365C119C92";

fn certificate(pem: &str) -> Options {
    with(Credential::Certificate { client_id: APP.to_owned(), pem: pem.into() })
}

/// The blocks of a PEM file, certificates and keys.
fn split(pem: &str) -> Vec<String> {
    pem.split("-----BEGIN ").skip(1).map(|block| format!("-----BEGIN {block}")).collect()
}

fn part(jwt: &str, place: usize) -> Value {
    let part = jwt.split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_certificate_signs_an_assertion_that_its_public_key_confirms() {
    let blocks = split(APP_PEM);
    let files = [
        APP_PEM.to_owned(),
        format!("{}{}", blocks[1], blocks[0]),
        format!("{}{PKCS1_KEY}", blocks[0]),
        // A chain in which another certificate comes first, and words between.
        format!("subject=/CN=x\r\n{}issuer\n{APP_PEM}", split(WEAK_PEM)[0]).replace('\n', "\r\n"),
    ];
    for pem in files {
        let transport = Scripted::in_turn([Reply::ok()]);
        one(certificate(&pem), &transport).await.unwrap();
        let asked = &transport.all()[0];
        assert_eq!(asked.form("client_secret"), None);
        assert_eq!(
            asked.form("client_assertion_type").unwrap(),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let assertion = asked.form("client_assertion").unwrap();
        let header = part(&assertion, 0);
        assert_eq!((&header["alg"], &header["typ"]), (&json!("PS256"), &json!("JWT")));
        let print = URL_SAFE_NO_PAD.decode(header["x5t#S256"].as_str().unwrap()).unwrap();
        let print: String = print.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(print, FINGERPRINT);
        let claims = part(&assertion, 1);
        let now = options_now();
        assert_eq!(claims["aud"], "https://login.microsoftonline.com/ne.example/oauth2/v2.0/token");
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!(APP), &json!(APP)));
        assert_eq!((&claims["nbf"], &claims["iat"]), (&json!(now), &json!(now)));
        assert_eq!(claims["exp"], now + 600);
        assert!(uuid::Uuid::parse_str(claims["jti"].as_str().unwrap()).is_ok());
        assert!(confirmed(&assertion));
    }
}

fn options_now() -> i64 {
    with(options().credential).now.as_second()
}

/// Whether the signature is that of `app.pem`'s key.
fn confirmed(assertion: &str) -> bool {
    // `openssl x509 -modulus`, as base64url.
    let modulus = "CE8E44E78C1EB6A7A2AEFEC9685F5B6560B8DB4BE81B12A82F4BB76DBC59AD65AA2537BBC24F3D5E8410F10C78F8ACC8C13B600F41E22C017CE5728BFD679FED923450ECE7E9D804898BB45AE6A87B272EC3F380597DA6D66DC785D5C4F9BD778615809FD089E85F664CC8F752F70AE2E5228660DD178B9FA3BF3556A182D4B63291E8F812534150F3D3AAE78D635DE320F74A3337E017C8DF533B472C860791EAE2D3055BAEB15E080C4015F7D805EC9C4D36CE8E8DDAD3A8AFE332CBE693998F2392DD016F1CB7599C76045B9B36EC2FCAB15CA0B5549432DB57E50CEB9EDCF4F2262993CC6F2A840F58439323D4FC66AD8498E1226876C624B5716DF0D255";
    let modulus: Vec<u8> = (0..modulus.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&modulus[at..at + 2], 16).unwrap())
        .collect();
    let key = jsonwebtoken::DecodingKey::from_rsa_components(
        &URL_SAFE_NO_PAD.encode(modulus),
        &URL_SAFE_NO_PAD.encode([1, 0, 1]),
    )
    .unwrap();
    let (message, signature) = assertion.rsplit_once('.').unwrap();
    jsonwebtoken::crypto::verify(
        signature,
        message.as_bytes(),
        &key,
        jsonwebtoken::Algorithm::PS256,
    )
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_an_assertion_of_its_own() {
    let mut failed = false;
    let transport = Scripted::raw(move |sent| {
        if !sent.asks_for_token() {
            return Reply::ok();
        }
        if std::mem::replace(&mut failed, true) {
            return Reply::token("t", 3_599);
        }
        Reply::error(503, "x")
    });
    one(certificate(APP_PEM), &transport).await.unwrap();
    let ids: Vec<Value> = transport.all()[..2]
        .iter()
        .map(|sent| part(&sent.form("client_assertion").unwrap(), 1)["jti"].clone())
        .collect();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(start_paused = true)]
async fn each_thing_wrong_with_a_certificate_has_its_own_words() {
    let blocks = split(APP_PEM);
    let (certificate_alone, key_alone) = (blocks[0].as_str(), blocks[1].as_str());
    let broken = |pem: &str| pem.replacen("MII", "!!!", 1);
    let short = |pem: &str| pem.replacen("MII", "MIIMII", 1);
    let table = [
        (String::new(), "no `-----BEGIN PRIVATE KEY-----`"),
        ("secret words that are no PEM".to_owned(), "no `-----BEGIN PRIVATE KEY-----`"),
        (certificate_alone.to_owned(), "no `-----BEGIN PRIVATE KEY-----`"),
        (key_alone.to_owned(), "no `-----BEGIN CERTIFICATE-----`"),
        (PASSWORD_PEM.to_owned(), "protected by a password"),
        (ELLIPTIC_PEM.to_owned(), "no RSA key"),
        (key_alone.replace("PRIVATE KEY", "EC PRIVATE KEY") + certificate_alone, "no RSA key"),
        (format!("{certificate_alone}{}", broken(key_alone)), "the private key cannot be read"),
        (format!("{certificate_alone}{}", short(key_alone)), "the private key cannot be read"),
        (format!("{certificate_alone}{}", &key_alone[..400]), "the private key cannot be read"),
        (format!("{}{key_alone}", broken(certificate_alone)), "the certificate cannot be read"),
        (format!("{}{key_alone}", short(certificate_alone)), "the certificate cannot be read"),
        (format!("{}{key_alone}", split(WEAK_PEM)[0]), "belongs to none of the certificates"),
        (format!("{}{key_alone}", split(ELLIPTIC_PEM)[0]), "belongs to none of the certificates"),
        (WEAK_PEM.to_owned(), "2048 bits"),
    ];
    let secret_line = key_alone.lines().nth(3).unwrap();
    for (pem, words) in table {
        let transport = Scripted::raw(|_| panic!("nothing is sent"));
        let error = one(certificate(&pem), &transport).await.unwrap_err();
        let told = format!("{error:?}");
        let (reason, _) = refusal(error);
        assert!(reason.contains(words), "{words}: {reason}");
        assert!(!told.contains(secret_line) && !reason.contains('\n'));
    }
    for (now, words) in [
        ("2126-10-28T15:44:54Z", "ended at 2126-10-28T15:44:53Z"),
        ("2026-11-21T15:44:52Z", "begins at 2026-11-21T15:44:53Z"),
    ] {
        let transport = Scripted::raw(|_| panic!("nothing is sent"));
        let options = Options { now: now.parse().unwrap(), ..certificate(APP_PEM) };
        let (reason, _) = refusal(one(options, &transport).await.unwrap_err());
        assert!(reason.contains(words), "{reason}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(43), ..ProptestConfig::default() })]

    #[test]
    fn any_file_is_a_certificate_or_an_error_that_shows_nothing_of_it(
        file in proptest::sample::select(vec![APP_PEM, WEAK_PEM, ELLIPTIC_PEM, PASSWORD_PEM]),
        inside in any::<bool>(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut pem = file.to_owned();
        if inside {
            // Past base64: the bytes of the certificate and of the key themselves.
            pem = split(file).iter().map(|block| damaged_block(block, &damage, cut)).collect();
        } else {
            let mut bytes = pem.into_bytes();
            damaged(&mut bytes, &damage, cut);
            pem = String::from_utf8_lossy(&bytes).into_owned();
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let (result, sent) = runtime.unwrap().block_on(async {
            let transport = Scripted::in_turn([Reply::ok()]);
            (one(certificate(&pem), &transport).await, transport.all())
        });
        match result {
            Ok(()) => {
                let assertion = sent[0].form("client_assertion").unwrap();
                prop_assert_eq!(assertion.split('.').count(), 3);
            }
            Err(error) => {
                let told = format!("{error:?}");
                for line in file.lines().filter(|line| line.len() > 20 && !line.contains('-')) {
                    prop_assert!(!told.contains(line));
                }
                prop_assert!(sent.is_empty());
            }
        }
    }
}

fn damaged(
    bytes: &mut Vec<u8>,
    damage: &[(proptest::sample::Index, u8)],
    cut: Option<proptest::sample::Index>,
) {
    for (place, byte) in damage {
        let place = place.index(bytes.len());
        bytes[place] = *byte;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
}

fn damaged_block(
    block: &str,
    damage: &[(proptest::sample::Index, u8)],
    cut: Option<proptest::sample::Index>,
) -> String {
    let (head, rest) = block.split_once("-----\n").unwrap();
    let (base64, foot) = rest.split_once("-----END").unwrap();
    let mut der = STANDARD.decode(base64.replace('\n', "")).unwrap();
    damaged(&mut der, damage, cut);
    format!("{head}-----\n{}\n-----END{foot}", STANDARD.encode(der))
}

// --- A device code ---------------------------------------------------------------------------

thread_local! {
    static SHOWN: RefCell<Vec<DeviceCodePrompt>> = const { RefCell::new(Vec::new()) };
}

fn show(prompt: &DeviceCodePrompt) {
    SHOWN.with_borrow_mut(|shown| shown.push(prompt.clone()));
}

fn device_code() -> Options {
    SHOWN.with_borrow_mut(Vec::clear);
    with(Credential::DeviceCode { client_id: APP.to_owned(), prompt: show })
}

fn code() -> Reply {
    Reply::json(
        200,
        json!({
            "device_code": "dev-code-secret", "user_code": "ABCD-1234", "interval": 5,
            "expires_in": 900, "verification_uri": "https://microsoft.com/devicelogin",
            "message": "To sign in, use a web browser.\nEnter ABCD-1234.",
        }),
    )
}

fn says(error: &str) -> Reply {
    Reply::json(400, json!({"error": error, "error_description": format!("AADSTS1: {error}.")}))
}

/// Gives a code, then the answers to polling one after the other.
fn polled(replies: Vec<Reply>) -> Scripted {
    let mut replies = replies.into_iter();
    Scripted::raw(move |sent| {
        if sent.path.ends_with("/devicecode") {
            return code();
        }
        if sent.asks_for_token() {
            return replies.next().unwrap_or_else(|| says("authorization_pending"));
        }
        Reply::ok()
    })
}

#[tokio::test(start_paused = true)]
async fn a_person_is_shown_a_code_and_waited_for() {
    let transport = polled(vec![
        says("authorization_pending"),
        says("slow_down"),
        says("authorization_pending"),
        Reply::Lost,
        Reply::json(
            200,
            json!({"access_token": "t", "expires_in": 3_599, "refresh_token": "r-secret"}),
        ),
    ]);
    one(device_code(), &transport).await.unwrap();
    SHOWN.with_borrow(|shown| {
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].user_code, "ABCD-1234");
        assert_eq!(shown[0].verification_uri, "https://microsoft.com/devicelogin");
        assert_eq!(shown[0].message, "To sign in, use a web browser. Enter ABCD-1234.");
    });
    let all = transport.all();
    assert_eq!(
        all[0].form("scope").unwrap(),
        "https://graph.microsoft.com/.default offline_access"
    );
    assert_eq!(all[1].form("device_code").unwrap(), "dev-code-secret");
    assert_eq!(all[1].form("grant_type").unwrap(), "urn:ietf:params:oauth:grant-type:device_code");
    // Every 5 seconds, 5 more after `slow_down`, twice as long after a lost answer.
    let polls: Vec<u64> =
        all.iter().filter(|sent| sent.asks_for_token()).map(|sent| sent.at / 1_000).collect();
    assert_eq!(polls, [5, 10, 20, 30, 50]);
}

#[tokio::test(start_paused = true)]
async fn a_code_nobody_uses_or_somebody_refuses_ends_the_waiting() {
    let table = [
        (vec![], "nobody signed in with the code in time"),
        (vec![says("authorization_declined")], "AADSTS1: authorization_declined."),
        (vec![says("expired_token")], "AADSTS1: expired_token."),
        (vec![says("bad_verification_code")], "AADSTS1: bad_verification_code."),
    ];
    for (replies, words) in table {
        let transport = polled(replies);
        let error = one(device_code(), &transport).await.unwrap_err();
        assert!(!format!("{error:?}").contains("dev-code-secret"));
        assert_eq!(refusal(error).0, words);
        assert!(transport.all().last().unwrap().at < 900_000);
        assert!(transport.sent().iter().all(|sent| sent.path.ends_with("/devicecode")));
    }
    // No code at all.
    let transport = Scripted::raw(|_| {
        Reply::json(400, json!({"error": "invalid_request", "error_codes": [90_002]}))
    });
    let error = one(device_code(), &transport).await.unwrap_err();
    assert!(error.what_to_do().unwrap().contains("no such tenant"));
}

#[tokio::test(start_paused = true)]
async fn a_person_is_not_asked_again_while_the_first_sign_in_holds() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let of_script = asked.clone();
    let transport = Scripted::raw(move |sent| {
        if sent.path.ends_with("/devicecode") {
            return code();
        }
        if !sent.asks_for_token() {
            return Reply::ok();
        }
        let grant = sent.form("grant_type").unwrap();
        of_script.borrow_mut().push((grant.clone(), sent.form("refresh_token")));
        let number = of_script.borrow().len();
        if number == 3 {
            return says("invalid_grant");
        }
        Reply::json(
            200,
            json!({"access_token": "t", "expires_in": 3_600, "refresh_token": format!("r-{number}")}),
        )
    });
    let client = Client::new(transport.clone(), device_code());
    for _ in 0..3 {
        client.call(&read(Workload::Other)).await.unwrap();
        sleep(Duration::from_secs(3_500)).await;
    }
    let code = "urn:ietf:params:oauth:grant-type:device_code".to_owned();
    let refresh = "refresh_token".to_owned();
    assert_eq!(
        *asked.borrow(),
        [
            (code.clone(), None),
            (refresh.clone(), Some("r-1".to_owned())),
            (refresh, Some("r-2".to_owned())),
            // The authority did not take it: the person is asked after all.
            (code, None),
        ]
    );
    SHOWN.with_borrow(|shown| assert_eq!(shown.len(), 2));
}

// --- A managed identity ----------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_virtual_machine_asks_its_metadata_service() {
    for (client_id, query) in [
        (None, "api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com%2F"),
        (
            Some(APP.to_owned()),
            "api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com%2F&client_id=00000000-aaaa-0000-0000-000000000001",
        ),
    ] {
        let mut asked = 0;
        let transport = Scripted::raw(move |sent| {
            if sent.host != "169.254.169.254" {
                return Reply::ok();
            }
            asked += 1;
            // The service is being updated, or busy; then it answers in texts.
            match asked {
                1 => Reply::text(410, ""),
                2 => Reply::text(429, ""),
                3 => Reply::text(500, ""),
                _ => Reply::json(
                    200,
                    json!({
                        "access_token": "t", "refresh_token": "", "expires_in": "3599",
                        "expires_on": "1796000000", "not_before": "1795996401",
                        "resource": "https://graph.microsoft.com/", "token_type": "Bearer",
                    }),
                ),
            }
        });
        let identity = ManagedIdentity::VirtualMachine { client_id };
        one(with(Credential::ManagedIdentity(identity)), &transport).await.unwrap();
        let all = transport.all();
        assert_eq!(all.len(), 5);
        assert_eq!(all[3].path, "/metadata/identity/oauth2/token");
        assert_eq!(all[3].query, query);
        assert_eq!(all[3].header("metadata"), "true");
        assert_eq!(all[4].header("authorization"), "Bearer t");
    }
}

#[tokio::test(start_paused = true)]
async fn app_service_says_only_when_a_token_ends() {
    let app_service = |endpoint: &str, header: &str| {
        with(Credential::ManagedIdentity(ManagedIdentity::AppService {
            endpoint: endpoint.to_owned(),
            header: header.into(),
            client_id: None,
        }))
    };
    let ends = options_now() + 1_000;
    let transport = Scripted::raw(move |sent| {
        if sent.path == "/msi/token" {
            return Reply::json(200, json!({"access_token": "t", "expires_on": ends.to_string()}));
        }
        Reply::ok()
    });
    let options = app_service("http://127.0.0.1:41741/msi/token?x=1", "header-secret");
    let client = Client::new(transport.clone(), options);
    client.call(&read(Workload::Other)).await.unwrap();
    let asked = &transport.all()[0];
    assert_eq!(
        asked.query,
        "x=1&api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com%2F"
    );
    assert_eq!(asked.header("x-identity-header"), "header-secret");
    assert!(!format!("{client:?}{asked:?}").contains("header-secret"));
    sleep(Duration::from_secs(749)).await;
    client.call(&read(Workload::Other)).await.unwrap();
    assert_eq!(transport.all().iter().filter(|sent| sent.path == "/msi/token").count(), 1);
    sleep(Duration::from_secs(2)).await;
    // What the service gives again has ended by now: it is not used.
    sleep(Duration::from_secs(300)).await;
    let error = client.call(&read(Workload::Other)).await.unwrap_err();
    assert!(refusal(error).0.contains("had ended when it came"));

    for (endpoint, header) in [("no address", "h"), ("http://127.0.0.1/", "two\nlines")] {
        let transport = Scripted::raw(|_| panic!("nothing is sent"));
        let error = one(app_service(endpoint, header), &transport).await.unwrap_err();
        assert!(refusal(error).0.contains("IDENTITY_"));
    }
    let transport = Scripted::raw(|_| {
        Reply::json(400, json!({"statusCode": 400, "message": "No MSI found for the app."}))
    });
    let error = one(app_service("http://127.0.0.1/msi", "h"), &transport).await.unwrap_err();
    assert_eq!(refusal(error).0, "No MSI found for the app.");
}

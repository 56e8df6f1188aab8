//! Requests for tokens, before Graph sees them.

use http::{HeaderMap, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::token::Desk;
use super::view::text;
use super::{Service, guid};
use crate::documents::Collection;

/// The answer to a request for a token. `None`: the request is none.
pub(super) fn answer(
    service: &mut Service,
    request: &Request<Vec<u8>>,
    now: Timestamp,
) -> Option<(u16, Value)> {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or("");
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let is_post = request.method() == http::Method::POST;
    match segments.as_slice() {
        [named, "oauth2", "v2.0", kind @ ("token" | "devicecode")] if is_post => {
            let form = url::form_urlencoded::parse(request.body()).into_owned().collect();
            let is_device = *kind == "devicecode";
            Some(at_desk(service, &path, named, form, now, |authority, desk| {
                if is_device { authority.device_code(desk) } else { authority.token(desk) }
            }))
        }
        ["metadata", "identity", "oauth2", "token"] => {
            let is_told = header(request.headers(), "metadata").eq_ignore_ascii_case("true");
            if !is_told {
                return Some((
                    400,
                    json!({"error": "invalid_request",
                    "error_description": "Required metadata header not specified"}),
                ));
            }
            Some(managed(service, &path, query, None, now))
        }
        ["msi", "token"] => {
            let word = header(request.headers(), "x-identity-header").to_owned();
            Some(managed(service, &path, query, Some(word), now))
        }
        _ => None,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or("")
}

fn at_desk<T>(
    service: &mut Service,
    path: &str,
    named: &str,
    form: Vec<(String, String)>,
    now: Timestamp,
    then: impl FnOnce(&mut super::token::Authority, &Desk<'_>) -> T,
) -> T {
    let (tenant, is_here) = tenant(service, named, now);
    let (authority, root) = service.state.authority();
    let desk = Desk {
        root,
        tenant: &tenant,
        named,
        is_here,
        path,
        registrations: &service.registrations,
        form,
        device_code_takes: service.device_code_takes,
        now,
    };
    then(authority, &desk)
}

/// The tenant's id, and whether a segment names it: by id or by one of its domains.
fn tenant(service: &Service, named: &str, now: Timestamp) -> (String, bool) {
    let organization = service.world.item(&Collection::Organization, 0, now).unwrap_or_default();
    let id = text(&organization, "id").to_owned();
    let domains = organization.get("verifiedDomains").and_then(Value::as_array);
    let is_domain = domains
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .any(|it| text(it, "name").eq_ignore_ascii_case(named));
    let is_listed = service.world.find(&Collection::Domains, named, now).is_some();
    let is_here = (!id.is_empty() && id.eq_ignore_ascii_case(named)) || is_domain || is_listed;
    (if id.is_empty() { guid("tenant") } else { id }, is_here)
}

/// A token for the machine's identity: of the app it names, or of the first one.
fn managed(
    service: &mut Service,
    path: &str,
    query: &str,
    word: Option<String>,
    now: Timestamp,
) -> (u16, Value) {
    let options: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let option =
        |name: &str| options.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    let refused =
        |words: &str| (400, json!({"error": "invalid_request", "error_description": words}));
    let Some(resource) = option("resource").map(str::to_owned) else {
        return refused("The resource is missing.");
    };
    if option("api-version").is_none() {
        return refused("The api-version is missing.");
    }
    let named = option("client_id");
    let app = service
        .registrations
        .iter()
        .find(|it| named.is_none_or(|name| it.client_id.eq_ignore_ascii_case(name)));
    let Some(app) = app.cloned() else {
        return refused("Identity not found");
    };
    if word.is_some_and(|it| !app.secrets.contains(&it)) {
        return (
            401,
            json!({"error": "unauthorized",
            "error_description": "The identity header is not the one of this app."}),
        );
    }
    at_desk(service, path, "", Vec::new(), now, |authority, desk| {
        (200, authority.managed(&app, desk, &resource))
    })
}

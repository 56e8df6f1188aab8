//! The options of a list: read, and refused where the endpoint does not know them.

use super::ask::Ask;
use super::filter::Filter;
use super::place::Place;
use super::refusal::Refusal;
use super::shape::{USUAL_OF_USERS, UserProperty, user_property};

/// `$orderby`: a property, and whether the largest comes first.
pub(super) type Order = (String, bool);

/// What a list is asked for.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) top: usize,
    pub(super) skip: usize,
    pub(super) filter: Option<Filter>,
    pub(super) select: Option<Vec<String>>,
    pub(super) order: Option<Order>,
    pub(super) expand: Vec<Expand>,
    pub(super) counts: bool,
}

/// `$expand` of one property with its own `$select`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expand {
    pub(super) name: String,
    pub(super) select: Option<Vec<String>>,
}

const KNOWN: [&str; 10] = [
    "$filter",
    "$select",
    "$top",
    "$skip",
    "$skiptoken",
    "$orderby",
    "$expand",
    "$count",
    "$search",
    "$format",
];

impl Query {
    /// The options of a list.
    pub(super) fn of_list(ask: &Ask, place: Place) -> Result<Self, Refusal> {
        known(ask)?;
        if ask.option("$search").is_some() {
            return Err(Refusal::not_supported());
        }
        let filter = ask.option("$filter").map(Filter::read).transpose()?;
        let order = ask.option("$orderby").map(order_of).transpose()?;
        let expand = expand_of(ask.option("$expand").unwrap_or(""), place)?;
        let is_advanced = ask.eventual && ask.counts();
        if place.is_directory() && !is_advanced {
            let needs = filter.as_ref().is_some_and(Filter::is_advanced)
                || (filter.is_some() && order.is_some());
            if needs {
                return Err(Refusal::unsupported_query(
                    "This query needs the header ConsistencyLevel: eventual and $count=true.",
                ));
            }
        }
        if is_advanced && !expand.is_empty() && place.is_directory() {
            return Err(Refusal::bad_request("$expand cannot be combined with this query."));
        }
        Ok(Self {
            top: top_of(ask, place)?,
            skip: skip_of(ask, place)?,
            select: select_of(ask, place, true)?,
            filter,
            order,
            expand,
            counts: ask.counts()
                && (place.counts_plainly() || (ask.eventual && place.is_directory())),
        })
    }

    /// The options of one object.
    pub(super) fn of_item(ask: &Ask, place: Place) -> Result<Self, Refusal> {
        known(ask)?;
        Ok(Self {
            top: 1,
            skip: 0,
            filter: None,
            order: None,
            select: select_of(ask, place, false)?,
            expand: expand_of(ask.option("$expand").unwrap_or(""), place)?,
            counts: false,
        })
    }
}

/// Refuses options that OData does not have.
pub(super) fn known(ask: &Ask) -> Result<(), Refusal> {
    for (name, _) in &ask.options {
        let is_known = KNOWN.iter().any(|it| it.eq_ignore_ascii_case(name));
        if name.starts_with('$') && !is_known {
            let message = format!("The query specified in the URI is not valid: '{name}'.");
            return Err(Refusal::new(400, "BadRequest", message));
        }
    }
    Ok(())
}

pub(super) fn top_of(ask: &Ask, place: Place) -> Result<usize, Refusal> {
    let paging = place.paging();
    let Some(text) = ask.option("$top") else { return Ok(paging.usual) };
    let top = text.parse::<usize>().ok().filter(|it| (1..=paging.most).contains(it));
    top.ok_or_else(|| {
        let most = paging.most;
        Refusal::bad_request(format!(
            "Invalid page size specified: '{text}'. Must be between 1 and {most} inclusive."
        ))
    })
}

fn skip_of(ask: &Ask, place: Place) -> Result<usize, Refusal> {
    let Some(text) = ask.option("$skip") else { return Ok(0) };
    if !place.paging().skips {
        return Err(Refusal::bad_request("'$skip' is not supported by the service."));
    }
    text.parse().map_err(|_| Refusal::bad_request(format!("Invalid value '{text}' for $skip.")))
}

fn order_of(text: &str) -> Result<Order, Refusal> {
    let mut words = text.split_whitespace();
    let refused = || Refusal::bad_request(format!("Invalid $orderby clause: '{text}'."));
    let property = words.next().ok_or_else(refused)?;
    let falls = match words.next() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(refused()),
    };
    if words.next().is_some() || property.contains(',') {
        return Err(refused());
    }
    Ok((property.to_owned(), falls))
}

fn names(text: &str) -> Vec<String> {
    text.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// The selected properties, `id` among them. `None`: everything the list shows.
fn select_of(ask: &Ask, place: Place, is_list: bool) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = ask.option("$select") else {
        let usual = (place == Place::Users)
            .then(|| USUAL_OF_USERS.iter().map(|&it| it.to_owned()).collect());
        return Ok(usual);
    };
    let names = names(text);
    if names.iter().any(|it| it == "*") {
        return Ok(None);
    }
    if place == Place::Users {
        for name in &names {
            match user_property(name) {
                UserProperty::Unknown => return Err(no_property(name, "user")),
                UserProperty::NotInLists if is_list => return Err(Refusal::not_supported()),
                _ => {}
            }
        }
    }
    Ok(Some(names))
}

pub(super) fn no_property(name: &str, kind: &str) -> Refusal {
    Refusal::bad_request(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
         'microsoft.graph.{kind}'."
    ))
}

/// What may be expanded, and how.
fn expand_of(text: &str, place: Place) -> Result<Vec<Expand>, Refusal> {
    let allowed: &[&str] = match place {
        Place::Users => &["manager"],
        Place::Groups => &["members"],
        Place::RoleAssignments | Place::RoleEligibilities | Place::RoleAssignmentInstances => {
            &["principal", "roleDefinition"]
        }
        _ => &[],
    };
    let mut all = Vec::new();
    for part in outer_parts(text) {
        let (name, options) = match part.split_once('(') {
            Some((name, rest)) => (name.trim(), rest.trim_end().trim_end_matches(')')),
            None => (part.trim(), ""),
        };
        if name.is_empty() {
            continue;
        }
        if !allowed.contains(&name) {
            return Err(no_property(name, place.type_name()));
        }
        let select = options.split(';').find_map(|it| it.trim().strip_prefix("$select="));
        all.push(Expand { name: name.to_owned(), select: select.map(names) });
    }
    Ok(all)
}

/// Parts between commas that stand in no bracket.
fn outer_parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn ask(query: &str, is_eventual: bool) -> Ask {
        let mut headers = HeaderMap::new();
        if is_eventual {
            headers.insert("consistencylevel", "eventual".parse().unwrap());
        }
        Ask::of("GET", &format!("/v1.0/users?{query}"), &headers, Vec::new()).unwrap()
    }

    #[test]
    fn options_a_list_does_not_know_are_refused() {
        let cases = [
            ("$top=0", 400),
            ("$top=1000", 400),
            ("$top=x", 400),
            ("$skip=5", 400),
            ("$magic=1", 400),
            ("$orderby=displayName sideways", 400),
            ("$filter=displayName like 'a'", 400),
            ("$select=shoeSize", 400),
            ("$select=aboutMe", 501),
            ("$expand=memberOf", 400),
            ("$search=\"displayName:a\"", 501),
            ("$filter=userType ne 'Guest'", 400),
            ("$filter=userType ne 'Guest'&$count=true", 400),
            ("$filter=userType eq 'Guest'&$orderby=displayName", 400),
        ];
        for (query, status) in cases {
            let refusal = Query::of_list(&ask(query, false), Place::Users).unwrap_err();
            assert_eq!(refusal.status, status, "{query}");
        }
        let advanced = ask("$filter=userType ne 'Guest'&$count=true", true);
        assert!(Query::of_list(&advanced, Place::Users).unwrap().counts);
        let expands = ask("$filter=userType ne 'Guest'&$count=true&$expand=manager", true);
        assert!(Query::of_list(&expands, Place::Users).is_err());
    }

    #[test]
    fn options_are_read() {
        let query = "$top=999&$select=id,mail&$expand=manager($select=id,displayName)";
        let query = Query::of_list(&ask(query, false), Place::Users).unwrap();
        assert_eq!(query.top, 999);
        assert_eq!(query.select, Some(vec!["id".to_owned(), "mail".to_owned()]));
        let select = Some(vec!["id".to_owned(), "displayName".to_owned()]);
        assert_eq!(query.expand, [Expand { name: "manager".to_owned(), select }]);
        assert!(!query.counts);
        let usual = Query::of_list(&ask("", false), Place::Users).unwrap();
        assert_eq!((usual.top, usual.select.map(|it| it.len())), (100, Some(11)));
    }
}

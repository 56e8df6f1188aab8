//! What the service says no with: a status and Graph's error shape.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::fault::RetryAfter;

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Cow<'static, str>,
    pub(super) message: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) retry_after: Option<RetryAfter>,
}

impl Refusal {
    pub(super) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            headers: Vec::new(),
            retry_after: None,
        }
    }

    pub(super) fn after(mut self, wait: RetryAfter) -> Self {
        self.retry_after = Some(wait);
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// 400 of the directory.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    /// 400 of Conditional Access.
    pub(super) fn bad_policy(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 400 for a query that needs `ConsistencyLevel: eventual`, or that no endpoint knows.
    pub(super) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    /// 404 for one object.
    pub(super) fn no_object(id: &str) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!("There is no object `{id}` here, or one of the objects it refers to is gone."),
        )
    }

    /// 404 for an address without a meaning.
    pub(super) fn no_address(segment: &str) -> Self {
        Self::new(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
    }

    /// 501 for what the platform has and this service has not.
    pub(super) fn not_supported() -> Self {
        Self::new(501, "NotImplemented", "This operation target is not yet supported.")
    }

    pub(super) fn body(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date,
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }})
    }
}

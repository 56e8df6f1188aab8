//! stub
use rollout::plan::Plan;
use super::DocumentError;
/// stub
pub fn html(_: &Plan) -> Result<String, DocumentError> { Ok(String::new()) }

//! Calls that were sent before anybody waits for them, and answers that came before their turn. Pure.

use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::source::SourceError;
use crate::source::sent::InFlight;
use crate::source::truenas::Method;

/// Calls of one connection that may be on their way beside the one that is waited for. The server runs ten at a time
/// and refuses the 21st; each answer may have to be kept in memory.
pub(crate) const MAX_AHEAD: usize = 3;

/// What the server said to a call.
pub(super) type Answer = Result<Utf8Bytes, SourceError>;

/// A call on its way.
pub(super) struct Begun {
    pub(super) id: u64,
    pub(super) in_flight: InFlight,
    method: &'static Method,
    params: Value,
    /// The answer, when it came while another one was waited for.
    pub(super) answer: Option<Answer>,
}

impl Begun {
    /// A call that is sent now.
    pub(super) fn new(
        id: u64,
        method: &'static Method,
        params: &Value,
        in_flight: InFlight,
    ) -> Self {
        Self {
            id,
            in_flight,
            method,
            params: params.clone(),
            answer: None,
        }
    }

    fn is(&self, method: &Method, params: &Value) -> bool {
        *self.method == *method && self.params == *params
    }
}

/// The calls that were sent ahead, in the order in which they were sent.
#[derive(Default)]
pub(super) struct Ahead(Vec<Begun>);

impl Ahead {
    /// True when one more can be sent; the first of them is the one that will be waited for.
    pub(super) fn has_room(&self) -> bool {
        self.0.len() <= MAX_AHEAD
    }

    /// True when nothing was sent ahead.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when this very call was sent already.
    pub(super) fn has(&self, method: &Method, params: &Value) -> bool {
        self.0.iter().any(|begun| begun.is(method, params))
    }

    /// Notes a call that was sent.
    pub(super) fn push(&mut self, begun: Begun) {
        self.0.push(begun);
    }

    /// The call, when it was sent already: it is waited for now.
    pub(super) fn take(&mut self, method: &Method, params: &Value) -> Option<Begun> {
        let at = self.0.iter().position(|begun| begun.is(method, params))?;
        Some(self.0.remove(at))
    }

    /// Keeps an answer until its call is waited for; false when no call has this id, or it has its answer already.
    pub(super) fn keep(&mut self, id: u64, answer: Answer) -> bool {
        let mut waiting = self.0.iter_mut().filter(|begun| begun.answer.is_none());
        match waiting.find(|begun| begun.id == id) {
            Some(begun) => {
                begun.answer = Some(answer);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::sent;
    use crate::source::truenas::{POOL_DATASET_QUERY, POOL_QUERY};

    fn begun(id: u64, method: &'static Method, params: &Value) -> Begun {
        Begun::new(
            id,
            method,
            params,
            sent::begin(None, "truenas", method.name()),
        )
    }

    fn text(answer: Option<Answer>) -> Option<String> {
        answer.map(|answer| answer.unwrap().to_string())
    }

    #[test]
    fn answers_find_their_calls_in_whatever_order_both_come() {
        let (one, two) = (json!([1]), json!([2]));
        let mut ahead = Ahead::default();
        ahead.push(begun(7, &POOL_QUERY, &one));
        ahead.push(begun(8, &POOL_QUERY, &two));
        assert!(ahead.keep(8, Ok("second".into())));
        assert!(ahead.keep(7, Ok("first".into())));
        let answer = |begun: Option<Begun>| begun.and_then(|begun| text(begun.answer));
        assert_eq!(
            answer(ahead.take(&POOL_QUERY, &one)).as_deref(),
            Some("first")
        );
        assert_eq!(
            answer(ahead.take(&POOL_QUERY, &two)).as_deref(),
            Some("second")
        );
        assert!(ahead.is_empty());
    }

    #[test]
    fn only_the_same_method_with_the_same_parameters_is_the_same_call() {
        let params = json!([["id", ">", 5]]);
        let mut ahead = Ahead::default();
        ahead.push(begun(1, &POOL_QUERY, &params));
        assert!(ahead.has(&POOL_QUERY, &params));
        assert!(ahead.take(&POOL_QUERY, &json!([["id", ">", 6]])).is_none());
        assert!(ahead.take(&POOL_DATASET_QUERY, &params).is_none());
        assert_eq!(
            ahead.take(&POOL_QUERY, &params).map(|begun| begun.id),
            Some(1)
        );
        assert!(
            ahead.take(&POOL_QUERY, &params).is_none(),
            "it is waited for once"
        );
    }

    #[test]
    fn an_id_that_nobody_waits_for_or_that_comes_twice_is_not_kept() {
        let mut ahead = Ahead::default();
        ahead.push(begun(3, &POOL_QUERY, &json!([])));
        assert!(!ahead.keep(4, Ok("x".into())));
        assert!(ahead.keep(3, Ok("x".into())));
        assert!(!ahead.keep(3, Ok("y".into())));
    }

    #[test]
    fn no_more_are_sent_than_may_be_on_their_way() {
        let mut ahead = Ahead::default();
        let sent = (1..100).take_while(|id| {
            let has_room = ahead.has_room();
            ahead.push(begun(*id, &POOL_QUERY, &json!([id])));
            has_room
        });
        assert_eq!(sent.count(), MAX_AHEAD + 1);
    }
}

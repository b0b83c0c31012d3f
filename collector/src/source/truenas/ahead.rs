//! Several calls of one method that wait for their answers at the same time.
//!
//! The appliance works on them side by side, and on the next ones while an answer is turned into rows. Answers come in
//! the order in which was asked, so that what follows from one answer does not hang on the speed of another.

use std::collections::VecDeque;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::source::truenas::ask::{MAX_TRIES, ask_within};
use crate::source::truenas::{Method, Session};
use crate::source::{NetworkKind, SourceError};

/// Calls that wait at the same time; the appliance takes 20.
const MAX_WAITING: usize = 4;

/// Calls of one method, each with what the caller knows it by.
pub(crate) struct Ahead<'a, K> {
    session: &'a mut Session,
    method: &'static Method,
    calls: VecDeque<Call<K>>,
    /// From the first failure on one call waits at a time, so that it is known which one fails.
    is_careful: bool,
}

struct Call<K> {
    key: K,
    turn: Turn,
}

/// A call whose turn it is, when it comes out of [`Ahead::next`].
pub(crate) struct Turn {
    params: Value,
    /// Under which its answer will come; a call without is sent alone, when it is its turn.
    id: Option<u64>,
    answer: Option<Result<Utf8Bytes, SourceError>>,
    n_tries: u32,
}

impl Turn {
    fn is_there(&self) -> bool {
        self.answer.is_some()
    }
}

impl<K> Drop for Ahead<'_, K> {
    fn drop(&mut self) {
        if self.is_in_flight() {
            self.session.leave();
        }
    }
}

impl<'a, K> Ahead<'a, K> {
    /// No call yet.
    pub(crate) fn new(session: &'a mut Session, method: &'static Method) -> Self {
        Self {
            session,
            method,
            calls: VecDeque::new(),
            is_careful: false,
        }
    }

    /// Whether another call may wait.
    pub(crate) fn has_room(&self) -> bool {
        let most = if self.is_careful { 1 } else { MAX_WAITING };
        self.calls.len() < most
    }

    /// Sends a call; what fails here comes out of [`Ahead::answer`].
    pub(crate) async fn ask(&mut self, key: K, params: Value) {
        let is_alone = self.is_careful || !self.session.is_served(self.method);
        let sent = match is_alone {
            false => self.session.post(self.method, &params).await.ok(),
            true => None,
        };
        let turn = Turn {
            params,
            id: sent,
            answer: None,
            n_tries: MAX_TRIES,
        };
        self.calls.push_back(Call { key, turn });
    }

    /// The call that was asked first, when its answer is there or will not come; nothing when no call waits.
    pub(crate) async fn next(&mut self) -> Option<(K, Turn)> {
        while !self.calls.front()?.turn.is_there() && self.is_in_flight() {
            match self.session.answer(self.method).await {
                Ok((id, answer)) => self.arrived(id, answer),
                Err(error) => self.lost(error),
            }
        }
        let call = self.calls.pop_front()?;
        Some((call.key, call.turn))
    }

    /// The answer to a call whose turn it is; a call that was lost is sent again, alone.
    pub(crate) async fn answer<T: DeserializeOwned>(
        &mut self,
        turn: Turn,
    ) -> Result<T, SourceError> {
        match turn.answer {
            Some(text) => self.session.result(self.method, &text?),
            None => ask_within(self.session, self.method, &turn.params, turn.n_tries).await,
        }
    }

    /// Takes back the calls that are not on their way, the last one first: after an answer that was too much they are
    /// asked for otherwise.
    pub(crate) fn take_back(&mut self) -> impl Iterator<Item = K> + use<K> {
        let is_unsent = |call: &Call<K>| call.turn.id.is_none() && !call.turn.is_there();
        let calls = std::mem::take(&mut self.calls);
        let (unsent, others): (VecDeque<_>, VecDeque<_>) = calls.into_iter().partition(is_unsent);
        self.calls = others;
        unsent.into_iter().rev().map(|call| call.key)
    }

    /// Whether an answer is still to come; until then nothing is sent alone.
    fn is_in_flight(&self) -> bool {
        self.calls.iter().any(|call| call.turn.id.is_some())
    }

    fn arrived(&mut self, id: u64, answer: Result<Utf8Bytes, SourceError>) {
        let mut turns = self.calls.iter_mut().map(|call| &mut call.turn);
        let Some(turn) = turns.find(|turn| turn.id == Some(id)) else {
            return;
        };
        turn.id = None;
        match answer {
            // Who is asked for too much at a time is asked for less.
            Err(SourceError::TooManyRequests { .. }) => self.is_careful = true,
            answer => turn.answer = Some(answer),
        }
    }

    /// The connection is gone, and with it all answers that have not come.
    fn lost(&mut self, error: SourceError) {
        self.is_careful = true;
        let is_cut = error == NetworkKind::Closed.into();
        let turns = self.calls.iter_mut().map(|call| &mut call.turn);
        for turn in turns.filter(|turn| turn.id.is_some()) {
            turn.id = None;
            turn.n_tries -= u32::from(is_cut);
        }
        // The first waited longest, and what is spent ends the list; all else may be the fault of any of them.
        let is_the_firsts = matches!(error, SourceError::TimedOut | SourceError::Spent { .. });
        if let Some(first) = self.calls.front_mut().filter(|_| is_the_firsts) {
            first.turn.answer = Some(Err(error));
        }
    }
}

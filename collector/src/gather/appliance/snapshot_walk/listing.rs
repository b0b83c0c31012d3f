//! The transaction groups of all snapshots, without any property: with them it is known beforehand what every answer
//! will hold, and bursts cost no answer that is too large. Windows of the server's own order are what is asked for, as
//! neither method can be read on from an offset.

use serde::Deserialize;
use serde_json::Value;

use super::super::ask;
use super::window::Window;
use crate::gather::property::Text;
use crate::source::{Method, Session, SourceError};

/// What to list.
pub(super) struct Listing<P> {
    pub(super) method: &'static Method,
    /// Parameters of the call for one window.
    pub(super) params: P,
    /// True when an answer ends at the rows of its window, so that a full one may not be whole.
    pub(super) is_limited: bool,
}

#[derive(Deserialize)]
struct Bare {
    createtxg: Text,
}

impl<P: Fn(Window) -> Value> Listing<P> {
    /// One entry for each snapshot from the window on, in order.
    pub(super) async fn read(
        &self,
        session: &mut Session,
        mut window: Window,
    ) -> Result<Vec<i32>, SourceError> {
        let mut txgs = Vec::new();
        loop {
            let params = (self.params)(window);
            let page = match ask::<Vec<Bare>>(session, self.method, &params).await {
                Ok(page) if self.is_cut(page.len(), window) => {
                    window = window.too_wide();
                    continue;
                }
                Err(error) if error.is_too_much() && !window.is_one() => {
                    window = match error.is_cut() {
                        true => window.cut_off(),
                        false => window.too_wide(),
                    };
                    continue;
                }
                page => page?,
            };
            for bare in &page {
                let txg = bare.createtxg.integer();
                let what = self.method.name();
                let txg = txg.ok_or(SourceError::Malformed { what })?;
                // The interface has no window beyond; the last one has no end.
                txgs.push(i32::try_from(txg).unwrap_or(i32::MAX));
            }
            if window.is_last() {
                txgs.sort_unstable();
                return Ok(txgs);
            }
            window = window.after(page.len());
        }
    }

    /// True when there may be more in the window than came.
    fn is_cut(&self, n_rows: usize, window: Window) -> bool {
        self.is_limited && window.limit().is_some_and(|limit| n_rows >= limit)
    }
}

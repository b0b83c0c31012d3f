//! Reads a whole list, handing over one page at a time.

use serde::de::DeserializeOwned;

use crate::source::SourceError;
use crate::source::k8s::paging::{AfterFailure, OnExpired, Paging};
use crate::source::k8s::{K8sClient, K8sList, Page};

/// What was read of a list, for the bundle's record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListSummary {
    /// The version of the first page.
    pub resource_version: Option<String>,
    /// False when pages are of different versions: an object that is missing may have been missed.
    pub is_consistent: bool,
    /// Objects handed over.
    pub n_items: usize,
    /// Pages read.
    pub n_pages: usize,
    /// The server's clock at the first page, Unix seconds.
    pub date: Option<i64>,
}

/// What happens while a list is read that may start again.
#[derive(Debug)]
pub enum ListEvent<T> {
    /// The next objects.
    Page(Vec<T>),
    /// Forget all objects so far: the list starts again.
    Restart,
}

impl ListSummary {
    pub(super) fn new() -> Self {
        Self {
            resource_version: None,
            is_consistent: true,
            n_items: 0,
            n_pages: 0,
            date: None,
        }
    }

    pub(super) fn add<T>(&mut self, page: &Page<T>) {
        if self.n_pages == 0 {
            self.resource_version.clone_from(&page.resource_version);
            self.date = page.date;
        } else if self.resource_version != page.resource_version {
            self.is_consistent = false;
        }
        self.n_items += page.items.len();
        self.n_pages += 1;
    }
}

impl K8sClient {
    /// Reads a whole list for a consumer that cannot take objects back.
    ///
    /// When the list expires while it is read, it goes on at a newer version and `is_consistent` is false; no object
    /// is handed over twice.
    pub async fn list<T: DeserializeOwned>(
        &self,
        list: &'static K8sList,
        mut on_page: impl FnMut(Vec<T>),
    ) -> Result<ListSummary, SourceError> {
        let hand_over = |event| match event {
            ListEvent::Page(items) => on_page(items),
            ListEvent::Restart => {}
        };
        self.walk(list, OnExpired::GoOn, hand_over).await
    }

    /// Reads a whole list for a consumer that can start again: an expired list is restarted once, then goes on as
    /// [`K8sClient::list`] does.
    pub async fn list_restartable<T: DeserializeOwned>(
        &self,
        list: &'static K8sList,
        on_event: impl FnMut(ListEvent<T>),
    ) -> Result<ListSummary, SourceError> {
        self.walk(list, OnExpired::RestartOnce, on_event).await
    }

    async fn walk<T: DeserializeOwned>(
        &self,
        list: &'static K8sList,
        on_expired: OnExpired,
        mut on_event: impl FnMut(ListEvent<T>),
    ) -> Result<ListSummary, SourceError> {
        let mut paging = Paging::new(on_expired);
        let mut answer = self.page(list, paging.limit(), paging.token()).await;
        loop {
            match answer {
                Ok(page) => {
                    let is_more = paging.arrived(&page);
                    let event = ListEvent::Page(page.items);
                    if is_more != Ok(true) {
                        on_event(event);
                        return is_more.map(|_| paging.finish());
                    }
                    // The server works on the next page while rows are made of this one.
                    let next = self.page(list, paging.limit(), paging.token());
                    let hand_over = async {
                        give_way().await;
                        on_event(event);
                    };
                    (answer, ()) = tokio::join!(next, hand_over);
                }
                Err(error) => {
                    if paging.failed(error)? == AfterFailure::Restart {
                        on_event(ListEvent::Restart);
                    }
                    answer = self.page(list, paging.limit(), paging.token()).await;
                }
            }
        }
    }
}

/// Lets a request that has just been made get as far as the wire: through its connection's task, and that one's.
async fn give_way() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

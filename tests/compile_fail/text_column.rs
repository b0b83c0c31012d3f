//! A column of free text in a table that leaves the site.

truenas_common::table! {
    /// Rows that would hold what a server says.
    "k8s_note" as K8sNote in Cluster {
        /// What it says.
        1 [key] text: String,
    }
}

fn main() {}

//! Lines of a bill as rows of FOCUS 1.2, the FinOps Open Cost and Usage Specification.
//!
//! The columns, their feature level, whether they allow nulls, their types and their allowed values are those of tag `v1.2` of
//! <https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec>, `specification/columns/*.md` ("Content constraints") and
//! `specification/attributes/*.md` (numeric, date/time, unit, key-value, currency and null handling). 21 columns are
//! mandatory: they are in every file, and are null only where the specification allows it.
//!
//! This is showback: there is no invoice, so there is no `InvoiceId`, and all four costs are one amount. No unit price is
//! written either: the specification wants its product with the quantity to be the cost, and the amount of a line is rounded
//! and may hold a part of the overhead; `x_PerGibMonth` has the price. What has no price has no row: a cost must not be
//! null, and it is not zero.

/// Version of the specification.
pub const VERSION: &str = "1.2";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A number with a decimal point and no exponent.
    Decimal,
    /// `YYYY-MM-DDTHH:mm:ssZ`.
    Time,
    /// A JSON object without arrays or objects in it.
    Json,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Column id.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Feature level `Mandatory`.
    pub is_mandatory: bool,
    /// Whether it allows nulls.
    pub is_nullable: bool,
}

const fn mandatory(name: &'static str, kind: ColumnKind) -> Column {
    Column {
        name,
        kind,
        is_mandatory: true,
        is_nullable: false,
    }
}

const fn nullable(column: Column) -> Column {
    Column {
        is_nullable: true,
        ..column
    }
}

const fn further(name: &'static str, kind: ColumnKind) -> Column {
    Column {
        is_mandatory: false,
        ..nullable(mandatory(name, kind))
    }
}

use ColumnKind::{Decimal, Json, Text, Time};

/// The columns in their order: those of the specification by name, then our own.
pub const COLUMNS: [Column; 43] = [
    mandatory("BilledCost", Decimal),
    mandatory("BillingAccountId", Text),
    nullable(mandatory("BillingAccountName", Text)),
    mandatory("BillingCurrency", Text),
    mandatory("BillingPeriodEnd", Time),
    mandatory("BillingPeriodStart", Time),
    mandatory("ChargeCategory", Text),
    nullable(mandatory("ChargeClass", Text)),
    nullable(mandatory("ChargeDescription", Text)),
    further("ChargeFrequency", Text),
    mandatory("ChargePeriodEnd", Time),
    mandatory("ChargePeriodStart", Time),
    further("ConsumedQuantity", Decimal),
    further("ConsumedUnit", Text),
    mandatory("ContractedCost", Decimal),
    mandatory("EffectiveCost", Decimal),
    mandatory("InvoiceIssuer", Text),
    mandatory("ListCost", Decimal),
    further("PricingCategory", Text),
    nullable(mandatory("PricingQuantity", Decimal)),
    nullable(mandatory("PricingUnit", Text)),
    mandatory("Provider", Text),
    mandatory("Publisher", Text),
    further("ResourceId", Text),
    further("ResourceName", Text),
    further("ResourceType", Text),
    mandatory("ServiceCategory", Text),
    mandatory("ServiceName", Text),
    further("ServiceSubcategory", Text),
    further("SkuId", Text),
    further("SkuMeter", Text),
    further("SubAccountId", Text),
    further("Tags", Json),
    further("x_Appliance", Text),
    further("x_Basis", Text),
    further("x_Cluster", Text),
    further("x_FocusVersion", Text),
    further("x_OverheadCost", Decimal),
    further("x_PerGibMonth", Decimal),
    further("x_Pool", Text),
    further("x_ProvisionedBytes", Decimal),
    further("x_StorageClass", Text),
    further("x_UsedBytes", Decimal),
];

/// How a volume is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// iSCSI or NVMe-oF.
    Block,
    /// NFS or SMB.
    File,
    /// A pool, or another protocol.
    Other,
}

impl Service {
    /// Allowed value of `ServiceSubcategory`.
    fn subcategory(self) -> &'static str {
        match self {
            Self::Block => "Block Storage",
            Self::File => "File Storage",
            Self::Other => "Other (Storage)",
        }
    }

    fn meter(self) -> &'static str {
        match self {
            Self::Block => "Block Volume Usage",
            Self::File => "File Volume Usage",
            Self::Other => "Pool Usage",
        }
    }

    fn sku(self) -> &'static str {
        match self {
            Self::Block => "block-volume",
            Self::File => "file-volume",
            Self::Other => "pool",
        }
    }
}

/// What all rows of a file have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Common {
    /// ISO 4217 code.
    pub currency: String,
    /// First second of the calendar month.
    pub billing_start: String,
    /// First second behind it.
    pub billing_end: String,
    /// Who sends the bill.
    pub provider: String,
    /// Which bytes are charged.
    pub basis: String,
}

/// One volume, or the overhead of one pool, in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Amount with the decimals of the currency.
    pub cost: String,
    /// The part of it that is overhead.
    pub overhead: String,
    /// Site.
    pub account: String,
    /// Its name, if it has one.
    pub account_name: Option<String>,
    /// First second that is charged.
    pub charge_start: String,
    /// First second that is not charged any more.
    pub charge_end: String,
    /// GiB-hours.
    pub gib_hours: String,
    /// GiB-months.
    pub gib_months: String,
    /// Price of one GiB for one month.
    pub price: Option<String>,
    /// What it is; no names.
    pub description: String,
    /// How it is reached.
    pub service: Service,
    /// Uid of the volume, or place of the pool.
    pub resource_id: String,
    /// Namespace and claim.
    pub resource_name: Option<String>,
    /// `PersistentVolume` or `Pool`.
    pub resource_type: &'static str,
    /// Namespace.
    pub namespace: Option<String>,
    /// JSON object.
    pub tags: Option<String>,
    /// Cluster.
    pub cluster: Option<String>,
    /// Appliance.
    pub appliance: String,
    /// Pool.
    pub pool: String,
    /// Storage class.
    pub class: Option<String>,
    /// What was promised.
    pub provisioned_bytes: Option<i64>,
    /// Data and snapshots.
    pub used_bytes: Option<i64>,
}

/// The values of a row in the order of [`COLUMNS`]; nothing for null. An empty text is null.
pub fn cells(common: &Common, row: &Row) -> [Option<String>; COLUMNS.len()] {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let bytes = |bytes: Option<i64>| bytes.map(|bytes| bytes.to_string());
    [
        text(&row.cost),
        text(&row.account),
        row.account_name.clone(),
        text(&common.currency),
        text(&common.billing_end),
        text(&common.billing_start),
        text("Usage"),
        None,
        text(&row.description),
        text("Usage-Based"),
        text(&row.charge_end),
        text(&row.charge_start),
        text(&row.gib_hours),
        text("GiB-Hours"),
        text(&row.cost),
        text(&row.cost),
        text(&common.provider),
        text(&row.cost),
        text("Standard"),
        text(&row.gib_months),
        text("GiB-Months"),
        text(&common.provider),
        text(&common.provider),
        text(&row.resource_id),
        row.resource_name.clone(),
        text(row.resource_type),
        text("Storage"),
        text("Cluster storage"),
        text(row.service.subcategory()),
        text(row.service.sku()),
        text(row.service.meter()),
        row.namespace.clone(),
        row.tags.clone(),
        text(&row.appliance),
        text(&common.basis),
        row.cluster.clone(),
        text(VERSION),
        text(&row.overhead),
        row.price.clone(),
        text(&row.pool),
        bytes(row.provisioned_bytes),
        row.class.clone(),
        bytes(row.used_bytes),
    ]
}

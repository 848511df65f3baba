use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{
    BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures_util::stream::BoxStream;

/// What a call of a table function gives: rows in the order of time.
pub(crate) trait Feature: Debug + Send + Sync {
    /// Its columns.
    fn schema(&self) -> SchemaRef;

    /// The column of time, by which a query's bounds spare files.
    fn time_column(&self) -> &'static str;

    /// Its rows; those outside the bounds may be left out.
    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>>;
}

/// Which instants a query asks for, in microseconds, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeBounds {
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
}

/// A feature as a table.
#[derive(Debug)]
pub(crate) struct FeatureTable(pub(crate) Arc<dyn Feature>);

#[async_trait]
impl TableProvider for FeatureTable {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // The filter stays in the plan: bounds spare files, they do not drop rows.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut bounds = TimeBounds::default();
        for filter in filters {
            bounds.narrow(filter, self.0.time_column());
        }
        let rows =
            Arc::new(FeatureRows { schema: self.0.schema(), feature: Arc::clone(&self.0), bounds });
        let schema = self.0.schema();
        let plan = StreamingTableExec::try_new(schema, vec![rows], projection, [], false, limit)?;
        Ok(Arc::new(plan))
    }
}

#[derive(Debug)]
struct FeatureRows {
    schema: SchemaRef,
    feature: Arc<dyn Feature>,
    bounds: TimeBounds,
}

impl PartitionStream for FeatureRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.feature.rows(self.bounds);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}

impl TimeBounds {
    /// Takes in what a filter says of the column of time; anything else it says is left to the
    /// plan.
    fn narrow(&mut self, filter: &Expr, column: &str) {
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return };
        if *op == Operator::And {
            self.narrow(left, column);
            self.narrow(right, column);
            return;
        }
        let (op, value) = match (&**left, &**right) {
            (Expr::Column(found), value) if found.name == column => (*op, value),
            (value, Expr::Column(found)) if found.name == column => match op.swap() {
                Some(op) => (op, value),
                None => return,
            },
            _ => return,
        };
        let Some(instant) = instant_of(value) else { return };
        if matches!(op, Operator::Gt | Operator::GtEq | Operator::Eq) {
            self.from = Some(self.from.map_or(instant, |from| from.max(instant)));
        }
        if matches!(op, Operator::Lt | Operator::LtEq | Operator::Eq) {
            self.to = Some(self.to.map_or(instant, |to| to.min(instant)));
        }
    }
}

fn instant_of(value: &Expr) -> Option<i64> {
    let Expr::Literal(value, _) = value else { return None };
    // A bound in another unit or zone is one all the same; one that is no instant spares nothing.
    let value = value.cast_to(&crate::columns::instant_type()).ok()?;
    let ScalarValue::TimestampMicrosecond(instant, _) = value else { return None };
    instant
}

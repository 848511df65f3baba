use crate::{Catalogue, CatalogueError};

/// The other tests are of a program with object stores.
#[test]
fn without_object_stores_a_location_in_one_is_refused_with_what_would_be_needed() {
    for open in [Catalogue::open, Catalogue::create] {
        let error = open("s3://key:s3cr3t@bucket/data").unwrap_err();
        assert!(matches!(error, CatalogueError::NoObjectStores { .. }), "{error}");
        let said = error.to_string();
        assert!(said.starts_with("s3://***: ") && said.contains("cargo build"), "{said}");
    }
}

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, PutMode, Result, UpdateVersion};

use super::Catalogue;
use crate::CatalogueError;
use crate::store_fault::StoreFault;

/// What a store is asked with whether it keeps two writers apart.
const PROBE: &str = ".tidemill-writers";

impl Catalogue {
    /// Checks that an object store refuses a conditional put whose condition does not hold. One
    /// that takes no notice would let two writers write over each other in silence.
    ///
    /// Asks once, with two or three requests; what is known already is not asked again.
    pub(super) async fn check_conditions(&self) -> Result<(), CatalogueError> {
        let Some(known) = &self.keeps_apart else { return Ok(()) };
        known.get_or_try_init(|| self.ask_for_conditions()).await.map(|_| ())
    }

    async fn ask_for_conditions(&self) -> Result<(), CatalogueError> {
        let path = Path::from_iter(self.root.parts().chain(Path::from(PROBE).parts()));
        let put = async |mode: PutMode| {
            let text = Bytes::from_static(b"Whether two writers can be told apart here.\n");
            match self.store.put_opts(&path, text.into(), mode.into()).await {
                Ok(_) => Ok(true),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
                Err(cause) => Err(cause),
            }
        };
        // No object has this version.
        let never = || UpdateVersion { e_tag: Some("\"never\"".to_owned()), version: None };
        let written = async {
            let is_new = put(PutMode::Create).await?;
            let again = is_new && put(PutMode::Create).await?;
            Ok::<bool, Error>(again || put(PutMode::Update(never())).await?)
        };
        let place = format!("{}/{PROBE}", self.place);
        match written.await {
            Ok(false) => Ok(()),
            Ok(true) | Err(Error::NotImplemented { .. }) => {
                Err(CatalogueError::WritersNotKeptApart { place: self.place.clone() })
            }
            Err(cause) => {
                let fault = StoreFault::new(&cause, &self.secrets);
                Err(CatalogueError::Store { place, fault })
            }
        }
    }
}

//! `rondo migrate`.

use std::sync::Arc;

use crate::cli::Migrate;
use crate::console::Console;
use crate::data_folder::DataFolder;
use crate::database::Database;

/// Migrates and stops; a server that runs already, for `up`, goes on.
pub async fn run(options: Migrate) -> anyhow::Result<()> {
    let data = DataFolder::open(&options.data)?;
    let database = Database::open(options.database_url, &data.postgres(), Arc::new(Console::new())).await?;
    database.close().await
}

//! Runs the server of a folder until it is killed: `hold <folder>` prints the owner's URL once it answers.

use rondo_postgres::{Options, Server};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: hold <folder>")?;
    let server = Server::start(Options::new(folder), &|step: &str| eprintln!("{step}")).await?;
    println!("{}", server.owner_url());
    std::future::pending::<()>().await;
    Ok(server.stop().await?)
}

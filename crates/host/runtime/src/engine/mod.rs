//! Wasmtime, set up for many short-lived instances.

pub mod cache;
mod turns;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use wasmtime::{Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig};

use self::turns::Turns;
use crate::config::Limits;

/// Core instances, and tables, that a component has: its own and the adapters that wit-component adds.
const CORE_INSTANCES_PER_COMPONENT: u32 = 8;

/// The engines of this process by what their pools hold: instances, and bytes of memory each.
static ENGINES: Mutex<BTreeMap<(u32, usize), EngineWeak>> = Mutex::new(BTreeMap::new());

/// The turns on all engines.
static TURNS: Turns = Turns::new();

/// The engine for some limits. Hosts of one process that have the same limits share one, for its pool reserves 4 GiB of
/// address space for each instance.
///
/// # Errors
/// When the machine can't provide what the limits promise, such as address space.
pub fn of(limits: &Limits) -> wasmtime::Result<Engine> {
    let key = (limits.instances, limits.memory_bytes);
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = engines.get(&key).and_then(EngineWeak::upgrade) {
        return Ok(engine);
    }
    let engine = Engine::new(config().allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits))))?;
    TURNS.start(end_turn)?;
    engines.insert(key, engine.weak());
    Ok(engine)
}

/// Does a component's `work`, and sees to it that it gives way to others.
pub async fn in_turns<T>(work: impl Future<Output = T>) -> T {
    TURNS.take(work).await
}

/// Whoever computes gives way at the next point where its code allows that.
fn end_turn() {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    engines.retain(|_, engine| engine.upgrade().inspect(Engine::increment_epoch).is_some());
}

/// Compiles a component for the engines of this module.
///
/// By an engine of its own: one keeps what it compiled with, tens of megabytes that would never be used again.
///
/// # Errors
/// When the bytes are no component that these engines run.
fn compile(wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
    Engine::new(&config())?.precompile_component(wasm)
}

/// What compiled code depends on.
fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.async_stack_size(1 << 20);
    config.max_wasm_stack(512 << 10);
    config
}

/// A slot keeps the pages that most requests touch, so that the next one does not fault them in again.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances * CORE_INSTANCES_PER_COMPONENT)
        .total_tables(limits.instances * CORE_INSTANCES_PER_COMPONENT)
        .total_memories(limits.instances)
        .total_stacks(limits.instances)
        .max_memories_per_component(1)
        .max_memory_size(limits.memory_bytes)
        .linear_memory_keep_resident(512 << 10)
        .table_keep_resident(32 << 10)
        .async_stack_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

//! The allocator of the program.

use mimalloc::MiMalloc;

/// A request makes and drops hundreds of small things: with this allocator it takes a seventh less of a processor's time than
/// with the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Gives what is free back to the system: for after work that took far more than what follows it will.
#[allow(unsafe_code, reason = "a call to the allocator's own library; see the SAFETY note")]
pub fn give_back() {
    // SAFETY: the function takes nothing but free memory, and may be called at any time from any thread.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

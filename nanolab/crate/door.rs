//! The way in from Python: one call by name, bytes in, bytes out, and no panic gets through.
//!
//! `door.py` writes the rest of this file: `enter`, which knows the functions of the exercise.

#![allow(dead_code, unused, non_snake_case)]

mod wire;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use wire::{Fault, Wire};

const DONE: u8 = 0;
const PANIC: u8 = 1;
const KIND: u8 = 2;
const RANGE: u8 = 3;

thread_local! {
    static PANICKED: RefCell<(String, String, u32)> = RefCell::default();
}
static HOOK: Once = Once::new();

/// Keep what a panic says and where, instead of printing it.
fn listen() {
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let said = panic.payload();
            let text = said.downcast_ref::<&str>().map(|text| text.to_string());
            let text = text.or_else(|| said.downcast_ref::<String>().cloned());
            let (file, line) = panic.location().map_or(("", 0), |at| (at.file(), at.line()));
            PANICKED.set((text.unwrap_or_default(), file.to_string(), line));
        }));
    });
}

/// Call the function of this name; give back a status, then what it says.
fn call(name: &str, mut input: &[u8]) -> Vec<u8> {
    let mut output = vec![DONE];
    match catch_unwind(AssertUnwindSafe(|| enter(name, &mut input, &mut output))) {
        Ok(Ok(())) => {}
        Ok(Err(Fault::Kind(sentence))) => {
            output = vec![KIND];
            sentence.give(&mut output);
        }
        Ok(Err(Fault::Range(sentence))) => {
            output = vec![RANGE];
            sentence.give(&mut output);
        }
        Err(_) => {
            output = vec![PANIC];
            PANICKED.take().give(&mut output);
        }
    }
    output
}

/// Take an argument; a fault says which it was.
fn argument<T: Wire>(name: &str, input: &mut &[u8]) -> Result<T, Fault> {
    T::take(input).map_err(|fault| match fault {
        Fault::Kind(sentence) => Fault::Kind(format!("{name}: {sentence}")),
        Fault::Range(sentence) => Fault::Range(format!("{name}: {sentence}")),
    })
}

/// # Safety
/// `name` and `input` must be readable for their lengths, `length` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nanolab_call(
    name: *const u8,
    name_length: usize,
    input: *const u8,
    input_length: usize,
    length: *mut usize,
) -> *mut u8 {
    listen();
    let name = unsafe { std::slice::from_raw_parts(name, name_length) };
    let input = unsafe { std::slice::from_raw_parts(input, input_length) };
    let output = call(&String::from_utf8_lossy(name), input).into_boxed_slice();
    unsafe { *length = output.len() };
    Box::into_raw(output).cast()
}

/// # Safety
/// `output` and `length` must come from one call of `nanolab_call`, and not be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nanolab_free(output: *mut u8, length: usize) {
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(output, length)) });
}

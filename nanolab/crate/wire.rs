//! Values on their way between Python and an exercise: a tag, then what it says.
//!
//! `wire.py` is the other end. Little endian throughout.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Why a value from Python cannot be what the function takes.
pub enum Fault {
    Kind(String),
    Range(String),
}

pub trait Wire: Sized {
    fn take(input: &mut &[u8]) -> Result<Self, Fault>;
    fn give(&self, output: &mut Vec<u8>);

    /// A whole vector of such values; numbers have a shorter way.
    fn take_list(input: &mut &[u8]) -> Result<Vec<Self>, Fault> {
        expect(input, b'l', "a list")?;
        (0..count(input)).map(|_| Self::take(input)).collect()
    }

    fn give_list(items: &[Self], output: &mut Vec<u8>) {
        head(b'l', items.len(), output);
        items.iter().for_each(|item| item.give(output));
    }
}

fn bytes<'a>(input: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (first, rest) = input.split_at(length);
    *input = rest;
    first
}

fn count(input: &mut &[u8]) -> usize {
    u32::from_le_bytes(bytes(input, 4).try_into().unwrap()) as usize
}

fn head(tag: u8, length: usize, output: &mut Vec<u8>) {
    output.push(tag);
    output.extend((length as u32).to_le_bytes());
}

/// Pass the tag by, if it is this one; else say what came instead.
pub fn expect(input: &mut &[u8], tag: u8, wanted: &str) -> Result<(), Fault> {
    if input[0] == tag {
        *input = &input[1..];
        return Ok(());
    }
    let found = match input[0] {
        b'i' => "a whole number",
        b'f' => "a number",
        b'q' | b'l' => "a list",
        b't' => "a tuple",
        b'b' => "bytes",
        b's' => "a str",
        b'd' => "a dict",
        b'n' => "None",
        _ => "a bool",
    };
    Err(Fault::Kind(format!("it must be {wanted}, not {found}")))
}

fn fit<T: TryFrom<i128>>(number: i128) -> Result<T, Fault> {
    let name = std::any::type_name::<T>();
    T::try_from(number).map_err(|_| Fault::Range(format!("{number} does not fit into {name}")))
}

fn take_numbers<T: TryFrom<i128>>(input: &mut &[u8]) -> Result<Vec<T>, Fault> {
    match input[0] {
        b'q' => {
            *input = &input[1..];
            let length = count(input);
            bytes(input, 8 * length)
                .chunks_exact(8)
                .map(|chunk| fit(i64::from_le_bytes(chunk.try_into().unwrap()).into()))
                .collect()
        }
        b'b' => {
            *input = &input[1..];
            let length = count(input);
            bytes(input, length).iter().map(|&byte| fit(byte.into())).collect()
        }
        _ => {
            expect(input, b'l', "a list of whole numbers")?;
            (0..count(input)).map(|_| take_number(input)).collect()
        }
    }
}

fn take_number<T: TryFrom<i128>>(input: &mut &[u8]) -> Result<T, Fault> {
    expect(input, b'i', "a whole number")?;
    fit(i128::from_le_bytes(bytes(input, 16).try_into().unwrap()))
}

macro_rules! number {
    ($($kind:ty)*) => {$(
        impl Wire for $kind {
            fn take(input: &mut &[u8]) -> Result<Self, Fault> {
                take_number(input)
            }
            fn give(&self, output: &mut Vec<u8>) {
                output.push(b'i');
                output.extend((*self as i128).to_le_bytes());
            }
            fn take_list(input: &mut &[u8]) -> Result<Vec<Self>, Fault> {
                take_numbers(input)
            }
            fn give_list(items: &[Self], output: &mut Vec<u8>) {
                head(b'l', items.len(), output);
                items.iter().for_each(|item| item.give(output));
            }
        }
    )*};
}
number!(i8 i16 i32 i64 isize u16 u32 u64 usize);

impl Wire for u8 {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        take_number(input)
    }
    fn give(&self, output: &mut Vec<u8>) {
        i64::from(*self).give(output);
    }
    fn take_list(input: &mut &[u8]) -> Result<Vec<Self>, Fault> {
        take_numbers(input)
    }
    fn give_list(items: &[Self], output: &mut Vec<u8>) {
        head(b'b', items.len(), output);
        output.extend(items);
    }
}

impl Wire for f64 {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        if input[0] == b'i' {
            return i64::take(input).map(|number| number as f64);
        }
        expect(input, b'f', "a number")?;
        Ok(f64::from_le_bytes(bytes(input, 8).try_into().unwrap()))
    }
    fn give(&self, output: &mut Vec<u8>) {
        output.push(b'f');
        output.extend(self.to_le_bytes());
    }
}

impl Wire for bool {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        if input[0] == b'F' {
            *input = &input[1..];
            return Ok(false);
        }
        expect(input, b'T', "a bool").map(|()| true)
    }
    fn give(&self, output: &mut Vec<u8>) {
        output.push(if *self { b'T' } else { b'F' });
    }
}

impl Wire for String {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        expect(input, b's', "a str")?;
        let length = count(input);
        Ok(String::from_utf8_lossy(bytes(input, length)).into_owned())
    }
    fn give(&self, output: &mut Vec<u8>) {
        head(b's', self.len(), output);
        output.extend(self.as_bytes());
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        T::take_list(input)
    }
    fn give(&self, output: &mut Vec<u8>) {
        T::give_list(self, output);
    }
}

impl<T: Wire> Wire for Option<T> {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        if input[0] == b'n' {
            *input = &input[1..];
            return Ok(None);
        }
        T::take(input).map(Some)
    }
    fn give(&self, output: &mut Vec<u8>) {
        match self {
            Some(value) => value.give(output),
            None => output.push(b'n'),
        }
    }
}

impl<T: Wire> Wire for Result<T, String> {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        T::take(input).map(Ok)
    }
    fn give(&self, output: &mut Vec<u8>) {
        match self {
            Ok(value) => value.give(output),
            Err(sentence) => {
                output.push(b'e');
                sentence.give(output);
            }
        }
    }
}

impl Wire for () {
    fn take(input: &mut &[u8]) -> Result<Self, Fault> {
        expect(input, b'n', "None")
    }
    fn give(&self, output: &mut Vec<u8>) {
        output.push(b'n');
    }
}

macro_rules! tuple {
    ($length:literal: $($kind:ident $at:tt)*) => {
        impl<$($kind: Wire),*> Wire for ($($kind,)*) {
            fn take(input: &mut &[u8]) -> Result<Self, Fault> {
                let wanted = concat!("a tuple of ", $length);
                expect(input, b't', wanted)?;
                match count(input) {
                    $length => Ok(($($kind::take(input)?,)*)),
                    other => Err(Fault::Kind(format!("it must be {wanted}, not of {other}"))),
                }
            }
            fn give(&self, output: &mut Vec<u8>) {
                head(b't', $length, output);
                $(self.$at.give(output);)*
            }
        }
    };
}
tuple!(2: A 0 B 1);
tuple!(3: A 0 B 1 C 2);

macro_rules! map {
    ($kind:ident: $($bound:tt)*) => {
        impl<K: Wire + $($bound)*, V: Wire> Wire for $kind<K, V> {
            fn take(input: &mut &[u8]) -> Result<Self, Fault> {
                expect(input, b'd', "a dict")?;
                (0..count(input)).map(|_| Ok((K::take(input)?, V::take(input)?))).collect()
            }
            fn give(&self, output: &mut Vec<u8>) {
                head(b'd', self.len(), output);
                for (key, value) in self {
                    key.give(output);
                    value.give(output);
                }
            }
        }
    };
}
map!(HashMap: Eq + Hash);
map!(BTreeMap: Ord);

//! Reads the control plane's JSON.
//!
//! serde_json's reader accepts a struct as an object and as an array, reads every form of number and
//! says what is wrong where. That is code for each type, in every visitor's first download. The
//! dashboard needs none of it: the API writes structs as objects and has no fractions, and an invalid
//! answer is one error, whatever is wrong with it.

mod text;

use serde::Deserialize;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt;
use text::Reader;

/// Reads a value from a text that contains nothing else.
///
/// # Errors
/// The text is not JSON, or not a value of this type.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Invalid> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Any value, as the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raw(pub(super) String);

/// By this name the reader knows that the text is wanted.
const RAW: &str = "waypost::json::Raw";

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Raw;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("any value")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw(text.to_owned()))
            }
        }

        deserializer.deserialize_newtype_struct(RAW, Text)
    }
}

/// The text is not JSON, or not a value of the requested type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Invalid;

impl fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("invalid JSON")
    }
}

impl std::error::Error for Invalid {}

// Each of the provided methods would format what is wrong first.
impl Error for Invalid {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Invalid;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.peek().ok_or(Invalid)? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => self.deserialize_u64(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let value = self.peek() == Some(b't');
        self.word(if value { "true" } else { "false" })?;
        visitor.visit_bool(value)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.number()? {
            (amount, true) => visitor.visit_i64(0_i64.checked_sub_unsigned(amount).ok_or(Invalid)?),
            (amount, false) => visitor.visit_u64(amount),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_str(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        if self.peek() == Some(b'n') {
            self.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.word("null")?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        if name == RAW {
            self.peek();
            let start = self.at;
            self.ignore()?;
            return visitor.visit_str(self.slice(start, self.at)?);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let mut elements = Elements::open(self, b'[')?;
        let value = visitor.visit_seq(&mut elements)?;
        elements.close(b']')?;
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let mut elements = Elements::open(self, b'{')?;
        let value = visitor.visit_map(&mut elements)?;
        elements.close(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        let in_object = self.peek() == Some(b'{');
        if in_object {
            self.open(b'{')?;
        }
        visitor.visit_enum(Variant {
            reader: self,
            in_object,
        })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.ignore()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 f64 char bytes byte_buf unit_struct tuple tuple_struct
    }
}

/// The elements of an array or an object.
struct Elements<'r, 'a> {
    reader: &'r mut Reader<'a>,
    is_first: bool,
    is_closed: bool,
}

impl<'r, 'a> Elements<'r, 'a> {
    fn open(reader: &'r mut Reader<'a>, bracket: u8) -> Result<Self, Invalid> {
        reader.open(bracket)?;
        Ok(Self {
            reader,
            is_first: true,
            is_closed: false,
        })
    }

    /// Goes to the next element. False where there is none.
    fn next(&mut self, bracket: u8) -> Result<bool, Invalid> {
        let has_next = self.reader.next(bracket, &mut self.is_first)?;
        self.is_closed = !has_next;
        Ok(has_next)
    }

    /// Ends after the last element: a tuple is complete before the bracket has been read.
    fn close(&mut self, bracket: u8) -> Result<(), Invalid> {
        if self.is_closed || !self.next(bracket)? {
            Ok(())
        } else {
            Err(Invalid)
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, '_> {
    type Error = Invalid;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Invalid> {
        if !self.next(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for &mut Elements<'_, '_> {
    type Error = Invalid;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Invalid> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        // Whatever type a key has, it is written as a string.
        if self.reader.peek() != Some(b'"') {
            return Err(Invalid);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Invalid> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant of an enum: a string, or an object with its name as the only key.
struct Variant<'r, 'a> {
    reader: &'r mut Reader<'a>,
    in_object: bool,
}

impl Variant<'_, '_> {
    /// Goes to what the variant contains.
    fn content(&mut self) -> Result<(), Invalid> {
        if self.in_object {
            return self.reader.expect(b':');
        }
        Err(Invalid)
    }

    fn end(&mut self) -> Result<(), Invalid> {
        self.reader.expect(b'}')?;
        self.reader.depth -= 1;
        Ok(())
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Invalid;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Invalid> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Invalid;

    fn unit_variant(self) -> Result<(), Invalid> {
        if self.in_object { Err(Invalid) } else { Ok(()) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        mut self,
        seed: S,
    ) -> Result<S::Value, Invalid> {
        self.content()?;
        let value = seed.deserialize(&mut *self.reader)?;
        self.end()?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, _: usize, visitor: V) -> Result<V::Value, Invalid> {
        self.content()?;
        let value = self.reader.deserialize_seq(visitor)?;
        self.end()?;
        Ok(value)
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.content()?;
        let value = self.reader.deserialize_map(visitor)?;
        self.end()?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests;

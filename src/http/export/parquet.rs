//! Parquet: columns in groups of rows, each group written out and forgotten when it is full.

use std::io;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use crate::http::sheet::{Column, Kind};

/// Rows of a group: what a file in the making holds in memory.
const GROUP: usize = 8_192;

/// A file in the making.
pub(super) struct Writer {
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<Filled>,
    rows: usize,
}

/// The values of a column in the group that is being filled; every one may be missing.
struct Filled {
    column: Column,
    there: Vec<i16>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Flag(Vec<bool>),
}

fn broken(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

impl Writer {
    /// An empty file of those columns.
    pub(super) fn start(columns: &'static [Column]) -> io::Result<Self> {
        let fields = columns.iter().map(|column| field(*column));
        let fields = fields.collect::<Result<Vec<_>, _>>().map_err(broken)?;
        let schema = Type::group_type_builder("lurcher")
            .with_fields(fields)
            .build()
            .map_err(broken)?;
        let level = ZstdLevel::try_new(3).map_err(broken)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .build();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties));
        Ok(Self {
            file: file.map_err(broken)?,
            columns: columns
                .iter()
                .map(|column| Filled::empty(*column))
                .collect(),
            rows: 0,
        })
    }

    /// Adds a row; a group that is full goes to `out`.
    pub(super) fn row(&mut self, row: &Value, out: &mut Vec<u8>) -> io::Result<()> {
        for column in &mut self.columns {
            column.add(row);
        }
        self.rows += 1;
        if self.rows < GROUP {
            return Ok(());
        }
        self.group()?;
        self.drain(out)
    }

    /// The last group and the footer.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.rows > 0 {
            self.group()?;
        }
        self.file.finish().map_err(broken)?;
        self.drain(out)
    }

    fn group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(broken)?;
        for column in &mut self.columns {
            let Some(writer) = group.next_column().map_err(broken)? else {
                break;
            };
            column.write(writer).map_err(broken)?;
        }
        group.close().map_err(broken)?;
        self.rows = 0;
        Ok(())
    }

    fn drain(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.file.flush()?;
        out.append(self.file.inner_mut());
        Ok(())
    }
}

fn field(column: Column) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Real => (Physical::DOUBLE, None),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    Type::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}

impl Filled {
    const fn empty(column: Column) -> Self {
        let values = match column.kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Whole => Values::Whole(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
            Kind::Flag => Values::Flag(Vec::new()),
        };
        Self {
            column,
            there: Vec::new(),
            values,
        }
    }

    fn add(&mut self, row: &Value) {
        let value = self.column.of(row);
        let there = match &mut self.values {
            Values::Text(texts) => {
                let text = value.map(|_text| ByteArray::from(&*self.column.plain(row)));
                keep(texts, text)
            }
            Values::Whole(numbers) => keep(numbers, value.and_then(Value::as_i64)),
            Values::Real(numbers) => keep(numbers, value.and_then(Value::as_f64)),
            Values::Flag(flags) => keep(flags, value.and_then(Value::as_bool)),
        };
        self.there.push(i16::from(there));
    }

    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let there = Some(self.there.as_slice());
        match (writer.untyped(), &mut self.values) {
            (ColumnWriter::ByteArrayColumnWriter(typed), Values::Text(texts)) => {
                typed.write_batch(texts, there, None)?;
                texts.clear();
            }
            (ColumnWriter::Int64ColumnWriter(typed), Values::Whole(numbers)) => {
                typed.write_batch(numbers, there, None)?;
                numbers.clear();
            }
            (ColumnWriter::DoubleColumnWriter(typed), Values::Real(numbers)) => {
                typed.write_batch(numbers, there, None)?;
                numbers.clear();
            }
            (ColumnWriter::BoolColumnWriter(typed), Values::Flag(flags)) => {
                typed.write_batch(flags, there, None)?;
                flags.clear();
            }
            _ => return Err(ParquetError::General("a column of another kind".to_owned())),
        }
        self.there.clear();
        writer.close()
    }
}

fn keep<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let there = value.is_some();
    values.extend(value);
    there
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::sheet::{flag, real, text, whole};
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::json;

    const COLUMNS: &[Column] = &[
        text("dog", "/dog"),
        whole("rug", "/rug"),
        real("sp", "/sp"),
        flag("won", "/won"),
    ];

    #[test]
    fn what_is_written_in_groups_reads_back() {
        let rows = GROUP + 3;
        let mut writer = Writer::start(COLUMNS).unwrap();
        let mut out = Vec::new();

        for rug in 0..rows {
            let sp = (rug % 2 == 0).then_some(2.5);
            let row = json!({"dog": format!("=DOG {rug}"), "rug": rug, "sp": sp, "won": rug == 1});
            writer.row(&row, &mut out).unwrap();
        }
        let streamed = out.len();
        writer.finish(&mut out).unwrap();

        assert!(streamed > 0, "the first group waits for the last");
        let reader = SerializedFileReader::new(actix_web::web::Bytes::from(out)).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let read: Vec<Value> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                row.unwrap()
                    .get_column_iter()
                    .map(|(_, field)| field.to_string())
                    .collect()
            })
            .collect();
        assert_eq!(read.len(), rows);
        assert_eq!(read[1], json!(["\"=DOG 1\"", "1", "null", "true"]));
        assert_eq!(read[2], json!(["\"=DOG 2\"", "2", "2.5", "false"]));
    }
}

//! Arguments of operations that are no tensors, as files hold them.

use crate::dtype::DType;
use crate::ops::arguments::{Axes, Integers};
use crate::ops::image::{FillMode, Interpolation};
use crate::ops::indexing::Index;
use crate::ops::linalg::{NormOrder, SummedAxes};
use crate::ops::quantile::QuantileMethod;
use crate::ops::repeat::PadMode;
use crate::ops::scatter::ScatterReduction;
use crate::ops::split::Sections;
use crate::ops::window::{DataFormat, Padding};
use crate::shape::Shape;

/// An argument that is no tensor, in the forms that files know.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Python's `None`.
    Null,
    /// `True` or `False`.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A part of the key of `x[key]`.
    Index(Index),
}

impl Data {
    /// Itself, or the other where it is null.
    #[must_use]
    pub fn or(self, absent: Self) -> Self {
        if self == Self::Null { absent } else { self }
    }
}

/// Arguments of functions of `ops` as plain data of an operation.
///
/// ```
/// use keras_rs::ops::{Axes, Data, ToData};
///
/// assert_eq!(Axes::from(-1).to_data(), Data::Whole(-1));
/// assert_eq!(Axes::All.to_data(), Data::Null);
/// assert_eq!([(1_usize, 2_usize)].as_slice().to_data(), Data::List(vec![Data::List(vec![Data::Whole(1), Data::Whole(2)])]));
/// ```
pub trait ToData {
    /// The data.
    fn to_data(&self) -> Data;
}

impl<T: ToData + ?Sized> ToData for &T {
    fn to_data(&self) -> Data {
        (**self).to_data()
    }
}

impl<T: ToData> ToData for [T] {
    fn to_data(&self) -> Data {
        Data::List(self.iter().map(ToData::to_data).collect())
    }
}

impl<T: ToData, const N: usize> ToData for [T; N] {
    fn to_data(&self) -> Data {
        self.as_slice().to_data()
    }
}

impl<T: ToData> ToData for Vec<T> {
    fn to_data(&self) -> Data {
        self.as_slice().to_data()
    }
}

impl<T: ToData> ToData for Option<T> {
    fn to_data(&self) -> Data {
        self.as_ref().map_or(Data::Null, ToData::to_data)
    }
}

impl<A: ToData, B: ToData> ToData for (A, B) {
    fn to_data(&self) -> Data {
        Data::List(vec![self.0.to_data(), self.1.to_data()])
    }
}

/// Plain data of one expression each.
macro_rules! plain {
    ($($ty:ty: |$x:ident| $data:expr;)*) => {$(
        impl ToData for $ty {
            fn to_data(&self) -> Data {
                let $x = self;
                $data
            }
        }
    )*};
}

plain! {
    bool: |x| Data::Flag(*x);
    i32: |x| Data::Whole(i64::from(*x));
    isize: |x| Data::Whole(*x as i64);
    usize: |x| Data::Whole(i64::try_from(*x).unwrap_or(i64::MAX));
    u64: |x| Data::Whole(i64::try_from(*x).unwrap_or(i64::MAX));
    f64: |x| Data::Number(*x);
    str: |x| Data::Text(x.into());
    String: |x| Data::Text(x.clone());
    DType: |x| Data::Text(x.name().into());
    Index: |x| Data::Index(*x);
    Padding: |x| Data::Text(x.name().into());
    DataFormat: |x| Data::Text(x.name().into());
    PadMode: |x| Data::Text(x.name().into());
    QuantileMethod: |x| Data::Text(x.name().into());
    ScatterReduction: |x| Data::Text(x.name().into());
    Interpolation: |x| Data::Text(x.name().into());
    FillMode: |x| Data::Text(x.name().into());
    Shape: |x| x.dims().to_data();
    Axes: |x| match x {
        Self::All => Data::Null,
        Self::These(axes) => match axes.as_slice() {
            [axis] => axis.to_data(),
            axes => axes.to_data(),
        },
    };
    Integers: |x| match x.as_slice() {
        [one] if x.is_single() => one.to_data(),
        several => several.to_data(),
    };
    Sections: |x| match x {
        Self::Count(count) => count.to_data(),
        Self::Indices(indices) => indices.to_data(),
    };
    SummedAxes: |x| match x {
        Self::Count(count) => count.to_data(),
        Self::Pairs(of_x1, of_x2) => Data::List(vec![of_x1.to_data(), of_x2.to_data()]),
    };
    NormOrder: |x| match x {
        Self::Frobenius => Data::Text("fro".into()),
        Self::Nuclear => Data::Text("nuc".into()),
        Self::Number(order) => Data::Number(*order),
    };
}

//! Setters, written once for all classes.

/// Setters named after Keras' keyword arguments.
///
/// `name: Type` takes anything that converts to the type, and `name: Option<Type>` too, where the
/// default stands for `None`; conversions that fail are reported when the layer is first used.
macro_rules! setters {
    () => {};
    ($(#[$doc:meta])* $name:ident: Option<$ty:ty>, $($rest:tt)*) => {
        crate::config::setters! { @one $(#[$doc])* $name: $ty, Some }
        crate::config::setters! { $($rest)* }
    };
    ($(#[$doc:meta])* $name:ident: $ty:ty, $($rest:tt)*) => {
        crate::config::setters! { @one $(#[$doc])* $name: $ty, std::convert::identity }
        crate::config::setters! { $($rest)* }
    };
    (@one $(#[$doc:meta])* $name:ident: $ty:ty, $wrap:path) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name<T>(mut self, $name: T) -> Self
        where
            T: TryInto<$ty>,
            crate::error::Error: From<T::Error>,
        {
            match $name.try_into() {
                Ok(value) => self.$name = $wrap(value),
                Err(error) => self.base.defer(error.into()),
            }
            self
        }
    };
}
pub(crate) use setters;

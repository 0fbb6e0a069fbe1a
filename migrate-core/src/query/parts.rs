//! The expressions that stand directly in parts of a query that are parts of expressions too.

use super::{FrameBound, JsonBehavior, JsonFunction, Over, Window, XmlFunction};
use crate::expression::Expression;

/// The walks differ in `&` and `&mut` only.
macro_rules! expressions {
    ($name:ident, [$($mutable:tt)?], $iterate:ident, $as_deref:ident, $as_ref:ident) => {
        impl Window {
            pub(crate) fn $name<'e>(&'e $($mutable)? self, see: &mut dyn FnMut(&'e $($mutable)? Expression)) {
                self.partition_by.$iterate().for_each(&mut *see);
                for item in self.order_by.$iterate() {
                    see(& $($mutable)? item.value);
                }
                if let Some(frame) = self.frame.$as_ref() {
                    for bound in std::iter::once(& $($mutable)? frame.start).chain(frame.end.$as_ref()) {
                        if let FrameBound::Preceding(distance) | FrameBound::Following(distance) = bound {
                            see(distance);
                        }
                    }
                }
            }
        }

        impl Over {
            /// Calls `see` for each expression in it, in the order of the text.
            pub fn $name<'e>(&'e $($mutable)? self, see: &mut dyn FnMut(&'e $($mutable)? Expression)) {
                if let Over::Defined(window) = self {
                    window.$name(see);
                }
            }
        }

        impl JsonBehavior {
            pub(crate) fn $name<'e>(&'e $($mutable)? self, see: &mut dyn FnMut(&'e $($mutable)? Expression)) {
                if let JsonBehavior::Default(value) = self {
                    see(value);
                }
            }
        }

        impl JsonFunction {
            pub(crate) fn $name<'e>(&'e $($mutable)? self, see: &mut dyn FnMut(&'e $($mutable)? Expression)) {
                match self {
                    JsonFunction::Parse { value, .. } | JsonFunction::Serialize { value, .. } => {
                        see(& $($mutable)? value.value);
                    }
                    JsonFunction::Scalar(value) => see(value),
                    JsonFunction::Object { members, .. } => {
                        for member in members {
                            see(& $($mutable)? member.key);
                            see(& $($mutable)? member.value.value);
                        }
                    }
                    JsonFunction::Array { values, .. } => {
                        for value in values {
                            see(& $($mutable)? value.value);
                        }
                    }
                    JsonFunction::ArrayQuery { .. } => {}
                    JsonFunction::ObjectAggregate { member, filter, over, .. } => {
                        see(& $($mutable)? member.key);
                        see(& $($mutable)? member.value.value);
                        filter.$as_deref().into_iter().for_each(&mut *see);
                        if let Some(over) = over {
                            over.$name(see);
                        }
                    }
                    JsonFunction::ArrayAggregate { value, order_by, filter, over, .. } => {
                        see(& $($mutable)? value.value);
                        for item in order_by {
                            see(& $($mutable)? item.value);
                        }
                        filter.$as_deref().into_iter().for_each(&mut *see);
                        if let Some(over) = over {
                            over.$name(see);
                        }
                    }
                    JsonFunction::Path(path) => {
                        see(& $($mutable)? path.document.value);
                        see(& $($mutable)? path.path);
                        for variable in path.passing.$iterate() {
                            see(& $($mutable)? variable.value.value);
                        }
                        for behavior in path.on_empty.$iterate().chain(path.on_error.$as_ref()) {
                            behavior.$name(see);
                        }
                    }
                }
            }
        }

        impl XmlFunction {
            pub(crate) fn $name<'e>(&'e $($mutable)? self, see: &mut dyn FnMut(&'e $($mutable)? Expression)) {
                match self {
                    XmlFunction::Concat(items) => items.$iterate().for_each(see),
                    XmlFunction::Element { attributes, content, .. } => {
                        for attribute in attributes {
                            see(& $($mutable)? attribute.value);
                        }
                        content.$iterate().for_each(see);
                    }
                    XmlFunction::Forest(attributes) => {
                        for attribute in attributes {
                            see(& $($mutable)? attribute.value);
                        }
                    }
                    XmlFunction::Exists { path, document } => {
                        see(path);
                        see(document);
                    }
                    XmlFunction::Parse { text, .. } => see(text),
                    XmlFunction::Instruction { content, .. } => content.$iterate().for_each(see),
                    XmlFunction::Root { document, version, .. } => {
                        see(document);
                        version.$iterate().for_each(see);
                    }
                    XmlFunction::Serialize { document, .. } => see(document),
                }
            }
        }
    };
}

expressions!(for_each_expression, [], iter, as_deref, as_ref);
expressions!(for_each_expression_mut, [mut], iter_mut, as_deref_mut, as_mut);

//! Keras' operations that layers, losses and users share. Each heavy operation has one place here,
//! where a fused kernel can take over.

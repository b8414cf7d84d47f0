//! A Tree-RNN: a network that follows the shape of each tree it reads, by recursion in the `call` of a layer that a
//! user wrote.
//!
//! The trees are arithmetic expressions over single digits, each of another shape and depth; the model learns to
//! compute their values. A leaf is an embedding, a node joins the states of its two branches with a layer for its
//! operator. The data holds each tree as a row of tokens, operators first.
//!
//! Run with `cargo run --example tree_rnn [FILE.keras]`.

use keras_rs::prelude::*;

/// Tokens of an expression: the digits 0 to 9, the two operators, and nothing.
const DIGITS: f32 = 10.0;
const PLUS: f32 = 10.0;
const MINUS: f32 = 11.0;
const NOTHING: f32 = -1.0;

/// An expression.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(usize),
    Node(usize, Box<Tree>, Box<Tree>),
}

impl Tree {
    /// A random tree with this many leaves.
    fn random(leaves: usize, draw: &mut impl FnMut(usize) -> usize) -> Self {
        if leaves == 1 {
            return Self::Leaf(draw(10));
        }
        let left = 1 + draw(leaves - 1);
        let operator = draw(2);
        Self::Node(operator, Self::random(left, draw).into(), Self::random(leaves - left, draw).into())
    }

    /// What the expression comes to.
    fn value(&self) -> f32 {
        match self {
            Self::Leaf(digit) => *digit as f32,
            Self::Node(0, left, right) => left.value() + right.value(),
            Self::Node(_, left, right) => left.value() - right.value(),
        }
    }

    /// The expression as tokens, operators first, as many as there are steps in the data.
    fn write(&self, tokens: &mut Vec<f32>) {
        match self {
            Self::Leaf(digit) => tokens.push(*digit as f32),
            Self::Node(operator, left, right) => {
                tokens.push(if *operator == 0 { PLUS } else { MINUS });
                left.write(tokens);
                right.write(tokens);
            }
        }
    }

    /// Reads an expression that [`Tree::write`] wrote.
    fn read(tokens: &mut impl Iterator<Item = f32>) -> Option<Self> {
        let token = tokens.next().filter(|token| *token != NOTHING)?;
        if token < DIGITS {
            return Some(Self::Leaf(token as usize));
        }
        let (left, right) = (Self::read(tokens)?, Self::read(tokens)?);
        Some(Self::Node(usize::from(token == MINUS), left.into(), right.into()))
    }
}

/// Computes the state of a tree from the states of its branches.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "examples")]
struct TreeRnn {
    base: LayerBase,
    /// Size of a state; at least one.
    #[keras(new)]
    units: usize,
    #[keras(skip = Embedding::new(10, units).shared())]
    leaf: LayerRef,
    /// One for each operator.
    #[keras(skip = vec![Dense::new(units).shared(), Dense::new(units).shared()])]
    merge: Vec<LayerRef>,
    #[keras(skip = Dense::new(1).shared())]
    value: LayerRef,
}

impl TreeRnn {
    /// The state of a tree, `(1, units)`.
    fn node(&self, tree: &Tree, leaves: &Tensor, context: &mut CallContext<'_>) -> Result<Tensor> {
        match tree {
            Tree::Leaf(digit) => leaves.narrow(0, *digit..digit + 1),
            Tree::Node(operator, left, right) => {
                let branches = [self.node(left, leaves, context)?, self.node(right, leaves, context)?];
                context.apply(&self.merge[*operator], Tensor::concat(&branches, -1)?)
            }
        }
    }
}

impl Layer for TreeRnn {
    fn role(&self) -> Role {
        Role::Model
    }

    /// From the tokens of trees, `(trees, steps)`, to a number for each.
    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let tokens = inputs.into_single()?;
        let steps = tokens.shape().get(1).copied().unwrap_or(0);
        // The embeddings of all digits at once, of which each leaf takes one.
        let digits = Tensor::arange_on(10, tokens.device())?;
        let leaves = context.apply(&self.leaf, digits)?;
        let mut roots = Vec::new();
        for row in tokens.to_vec::<f32>()?.chunks(steps.max(1)) {
            let tree = Tree::read(&mut row.iter().copied()).unwrap_or(Tree::Leaf(0));
            roots.push(self.node(&tree, &leaves, context)?);
        }
        Ok(context.apply(&self.value, Tensor::concat(&roots, 0)?)?.into())
    }

    /// The layers inside, for trees of any shape.
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        scope.build_child(&self.leaf, &[Shape::from([None])])?;
        for merge in &self.merge {
            scope.build_child(merge, &[Shape::from([None, Some(2 * self.units)])])?;
        }
        scope.build_child(&self.value, &[Shape::from([None, Some(self.units)])])
    }
}

/// Trees of one to `most` leaves as tokens, `(trees, 2 most - 1)`, and their values.
fn forest(trees: usize, most: usize, seed: u64) -> Result<(Tensor, Tensor)> {
    let mut state = seed;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut tokens, mut values) = (Vec::new(), Vec::new());
    for i in 0..trees {
        let tree = Tree::random(1 + i % most, &mut draw);
        tree.write(&mut tokens);
        tokens.resize((i + 1) * (2 * most - 1), NOTHING);
        values.push(tree.value() / DIGITS);
    }
    Ok((Tensor::from_vec(tokens, [trees, 2 * most - 1])?, Tensor::from_vec(values, [trees, 1])?))
}

/// The model of a file, by this program or by Python's class of the same name.
pub fn load(path: impl AsRef<std::path::Path>) -> Result<Model> {
    let custom = CustomObjects::new().layer("examples>TreeRnn", TreeRnn::from_config);
    keras_rs::load_model_with(path, &custom)
}

/// What training and saving came to.
pub struct Outcome {
    /// Loss of each epoch.
    pub loss: Vec<f64>,
    /// Mean squared error on trees that are larger than any in the training.
    pub larger: f64,
    /// Variance of the values of those trees.
    pub spread: f64,
    /// Largest difference of predictions after loading the file back.
    pub difference: f64,
}

/// Trains a model on small trees, tries it on larger ones, writes it and loads it back.
pub fn run(path: &std::path::Path, trees: usize, epochs: usize) -> Result<Outcome> {
    let (x, y) = forest(trees, 4, 1)?;
    let model = Model::subclassed(TreeRnn::new(6));
    model.compile(Adam::new(1e-2), "mse", ())?;
    let history = model.fit(&x, &y, Fit::new().epochs(epochs).batch_size(16).verbose(0))?;

    let (x, y) = forest(60, 7, 2)?;
    let predicted = model.predict(&x)?;
    let larger = predicted.sub(&y)?.square()?.mean(&[], false)?.to_scalar()?;
    let spread = y.sub(&y.mean(&[], true)?)?.square()?.mean(&[], false)?.to_scalar()?;

    model.save(path)?;
    let again = load(path)?;
    let difference = predicted.sub(&again.predict(&x)?)?.abs()?.max(&[], false)?.to_scalar()?;
    Ok(Outcome { loss: history["loss"].to_vec(), larger, spread, difference })
}

#[allow(dead_code, reason = "tests call `run`")]
fn main() -> Result<()> {
    let path = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("trees.keras"), Into::into);
    let outcome = run(&path, 400, 12)?;
    for (epoch, loss) in outcome.loss.iter().enumerate() {
        println!("epoch {:2}: loss {loss:.4}", epoch + 1);
    }
    println!("error on larger trees {:.4}, where values vary by {:.4}", outcome.larger, outcome.spread);
    Ok(())
}

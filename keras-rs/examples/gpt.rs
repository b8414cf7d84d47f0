//! A small GPT: trained on a few verses, letter by letter, it goes on with a prompt.
//!
//! Blocks of RMS normalization, group query attention and dense layers; one embedding for letters and for the
//! scores of the next letter; learnt positions. While it writes, the keys and values of all letters so far are
//! kept, so that a letter costs one row of computation in every layer but attention, which looks back.
//!
//! usage: cargo run --example gpt

use keras_rs::initializers::Initializer;
use keras_rs::losses::SparseCategoricalCrossentropy;
use keras_rs::prelude::*;
use keras_rs::random;
use std::time::{Duration, Instant};

const VERSES: &str = "\
the north wind doth blow, and we shall have snow, and what will the robin do then, poor thing? \
he will sit in a barn, and keep himself warm, and hide his head under his wing, poor thing. \
the north wind doth blow, and we shall have snow, and what will the swallow do then, poor thing? \
oh, do you not know, that he is off long ago, to a country where he will find spring, poor thing. ";

/// Longest sequence.
const LONGEST: usize = 256;
const FEATURES: usize = 32;

/// Adds a learnt vector for each position.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "examples")]
struct Positions {
    base: LayerBase,
    /// Number of positions.
    #[keras(new)]
    positions: usize,
}

impl Layer for Positions {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let features = inputs.single()?.known_dim(scope.name(), -1)?;
        scope.weight("positions", &[self.positions, features], &Initializer::glorot_uniform()).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        // Behind the letters that the cache holds.
        let first = context.position();
        let positions = context.weight("positions")?.narrow(0, first..first + x.dim(1)?)?;
        Ok(x.add(&positions)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }
}

/// Scores of the letter after each letter.
fn gpt(letters: usize, blocks: usize) -> Result<Model> {
    let tokens = Input::new(Shape::from([None])).dtype(DType::I32).name("tokens");
    let embedding = ReversibleEmbedding::new(letters, FEATURES).shared();
    let mut x = Positions::new(LONGEST).apply(&embedding.apply(&tokens)?)?;
    for _ in 0..blocks {
        let normal = RMSNormalization::new().apply(&x)?;
        let attention = GroupQueryAttention::new(8, 4, 2);
        let seen = attention.apply_with([&normal, &normal], Call::new().use_causal_mask(true))?;
        x = Add::new().apply([&x, &seen])?;
        let normal = RMSNormalization::new().apply(&x)?;
        let wide = Dense::new(4 * FEATURES).activation("gelu").apply(&normal)?;
        x = Add::new().apply([&x, &Dense::new(FEATURES).apply(&wide)?])?;
    }
    let x = RMSNormalization::new().apply(&x)?;
    let scores = embedding.apply_with(&x, Call::new().argument("reverse", true))?;
    Model::new([&tokens], [&scores])
}

/// The letters that occur, in order.
fn alphabet() -> Vec<char> {
    let mut letters: Vec<char> = VERSES.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    letters
}

fn encode(text: &str, alphabet: &[char]) -> Vec<i32> {
    text.chars().filter_map(|c| alphabet.iter().position(|a| *a == c)).map(|i| i as i32).collect()
}

/// Pieces of the verses, and each piece one letter on.
fn pieces(alphabet: &[char], length: usize, step: usize) -> Result<(Tensor, Tensor)> {
    let text = encode(VERSES, alphabet);
    let starts: Vec<usize> = (0..text.len() - length).step_by(step).collect();
    let cut = |by: usize| {
        let values: Vec<i32> = starts.iter().flat_map(|s| text[s + by..s + by + length].to_vec()).collect();
        Tensor::from_vec(values, [starts.len(), length])
    };
    Ok((cut(0)?, cut(1)?))
}

/// What the model wrote, and how.
pub struct Written {
    /// Loss of the first and of the last epoch.
    pub losses: [f64; 2],
    /// The prompt and what came after it.
    pub text: String,
    /// Largest difference between the scores with the cache and those of calls on the whole text.
    pub difference: f64,
    /// Time for all letters with the cache, and with calls on the whole text.
    pub times: [Duration; 2],
}

/// The likeliest letter after the last one.
fn likeliest(scores: &Tensor) -> Result<(Tensor, i32)> {
    let last = scores.narrow(1, scores.dim(1)? - 1..scores.dim(1)?)?.reshape([scores.dim(-1)?])?;
    let letter = last.argmax(0)?.to_scalar()? as i32;
    Ok((last, letter))
}

/// The example at any size.
pub fn run(blocks: usize, epochs: usize, letters: usize, verbose: i32) -> Result<Written> {
    random::set_seed(11);
    let alphabet = alphabet();
    let model = gpt(alphabet.len(), blocks)?;
    model.compile(Adam::new(1e-2), SparseCategoricalCrossentropy::new().from_logits(true), ())?;
    let (x, y) = pieces(&alphabet, 48, 3)?;
    let history = model.fit(&x, &y, Fit::new().epochs(epochs).batch_size(32).verbose(verbose))?;
    let losses = [history["loss"][0], history["loss"][epochs - 1]];

    let prompt = "the north wind ";
    let mut text = encode(prompt, &alphabet);
    let mut cache = KeyValueCache::with_capacity(LONGEST);
    let mut piece = text.clone();
    let (mut difference, mut times) = (0.0_f64, [Duration::ZERO; 2]);
    for _ in 0..letters {
        let start = Instant::now();
        let rows = Tensor::from_vec(piece.clone(), [1, piece.len()])?;
        let (scores, letter) = likeliest(&model.call_cached(&[rows], &mut cache)?.remove(0))?;
        let cached = Instant::now();
        let whole = Tensor::from_vec(text.clone(), [1, text.len()])?;
        let (again, _) = likeliest(&model.call(&[whole])?.remove(0))?;
        times = [times[0] + (cached - start), times[1] + cached.elapsed()];
        difference = difference.max(scores.sub(&again)?.abs()?.max(&[], false)?.to_scalar()?);
        text.push(letter);
        piece = vec![letter];
    }
    let text = text.iter().filter_map(|i| alphabet.get(usize::try_from(*i).ok()?)).collect();
    Ok(Written { losses, text, difference, times })
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let written = run(2, 20, 200, 2)?;
    println!("{}", written.text);
    let [cached, whole] = written.times.map(|time| time.as_secs_f64() * 1e3 / 200.0);
    println!(
        "{cached:.2} ms a letter with the cache, {whole:.2} ms without; scores differ by {:.1e}",
        written.difference
    );
    Ok(())
}

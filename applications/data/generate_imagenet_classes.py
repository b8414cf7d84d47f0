"""Writes imagenet_classes.txt, the table of the 1000 ImageNet classes.

Each line is a WordNet id, a tab and a label; the line number is the class index.

Sources: the list of the ILSVRC 2012 synsets in class order and their WordNet lemmas, as
shipped by `timm` 1.0.31 (Apache-2.0). WordNet 3.0 is Copyright 2006 by Princeton University
and free to use with that attribution (https://wordnet.princeton.edu/license-and-commercial-use).

The label is a synset's first lemma with underscores for spaces. Re-serialised as
{"0": ["n01440764", "tench"], ...}, the table has the md5 that Keras 3.15.1 expects of its
`imagenet_class_index.json`, which the script checks before it writes anything.

    pip install timm==1.0.31 && python generate_imagenet_classes.py
"""

import hashlib
import importlib.util
import json
import pathlib

KERAS_MD5 = "c2c37ea517e94d9795004a39431a14cb"

# `import timm` needs PyTorch; the tables do not.
package = pathlib.Path(importlib.util.find_spec("timm").origin).parent
info = package / "data" / "_info"
synsets = (info / "imagenet_synsets.txt").read_text().split()
lemmas = dict(
    line.split("\t", 1)
    for line in (info / "imagenet_synset_to_lemma.txt").read_text().splitlines()
)
classes = [(s, lemmas[s].split(",")[0].strip().replace(" ", "_")) for s in synsets]

index = {str(i): list(entry) for i, entry in enumerate(classes)}
digest = hashlib.md5(json.dumps(index).encode()).hexdigest()
assert digest == KERAS_MD5, digest

target = pathlib.Path(__file__).with_name("imagenet_classes.txt")
target.write_text("".join(f"{synset}\t{label}\n" for synset, label in classes))

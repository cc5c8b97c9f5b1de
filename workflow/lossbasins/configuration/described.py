"""Descriptions of keys: the docstrings below fields, read only for the schema, since each start would wait for it."""

import ast
import inspect
from functools import cache
from itertools import pairwise

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from lossbasins.specs.base import Spec
from lossbasins.specs.modules import path_of, syntax_tree


class Described(GenerateJsonSchema):
    """Writes a JSON schema in which a field that has no description has its docstring as that."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Of one model."""
        made = super().model_schema(schema)
        texts = [_docstrings(base) for base in schema["cls"].__mro__ if issubclass(base, Spec)]
        for name, field in made.get("properties", {}).items():
            for text in (found[name] for found in texts if name in found):
                field.setdefault("description", text)
        return made


@cache
def _docstrings(model: type[Spec]) -> dict[str, str]:
    """Of what a class itself declares; one that is made on the way declares nothing."""
    body = [
        statement
        for node in syntax_tree(path_of(model.__module__)).body
        if isinstance(node, ast.ClassDef) and node.name == model.__name__
        for statement in node.body
    ]
    return {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }

#!/usr/bin/env escript
main(["undef"]) -> lists:no_such_function(17);
main(["caseClause"]) -> case length(["a"]) of 2 -> ok end.

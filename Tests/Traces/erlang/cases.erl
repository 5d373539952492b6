%% Errors of Erlang, one function per way to fail.
-module(cases).
-behaviour(gen_server).
-export([process/0, server/0, badmatch/0, supervisor/0, undef/0, caseClause/0, init/1, handle_call/3, handle_cast/2]).

pay(Number) -> error({overdrawn, Number}).

process() -> spawn(fun() -> pay(17) end).
badmatch() -> proc_lib:spawn(fun() -> {ok, _} = {error, list_to_atom("no_such_account")} end).
undef() -> no_such_module:run().
caseClause() -> case length([1]) of 2 -> ok end.

server() ->
    {ok, Pid} = gen_server:start(?MODULE, #{account => 17, owner => <<"Ada">>}, []),
    gen_server:cast(Pid, pay).
supervisor() ->
    process_flag(trap_exit, true),
    {ok, Pid} = gen_server:start_link(?MODULE, [], []),
    gen_server:cast(Pid, pay).

init(State) -> {ok, State}.
handle_call(_, _, State) -> {reply, ok, State}.
handle_cast(pay, _) -> pay(17).

# Errors of Elixir, one branch per way to fail.
defmodule Overdrawn do
  defexception [:message]
end

defmodule Bank do
  use GenServer
  def init(state), do: {:ok, state}
  def handle_cast(:pay, _state), do: pay(17)
  def pay(number) when is_integer(number), do: raise(Overdrawn, message: "account #{number}")
end

case hd(System.argv()) do
  "raise" -> Bank.pay(17)
  "match" -> {:ok, _} = List.to_tuple([:error, :enoent])
  "function" -> Bank.pay("seventeen")
  "argument" -> String.to_integer(Enum.join(["seven", "teen"]))
  "lines" -> raise "first line\nsecond line\n  third line"
  "reraise" -> try do Bank.pay(17) rescue e -> reraise(e, __STACKTRACE__) end
  "exit" -> exit(:no_money)
  "throw" -> throw({:overdrawn, 17})
  "task" ->
    Task.start(fn -> Bank.pay(17) end)
    Process.sleep(500)
  "server" ->
    {:ok, pid} = GenServer.start(Bank, %{account: 17})
    GenServer.cast(pid, :pay)
    Process.sleep(500)
  "format" ->
    try do Bank.pay(17) rescue e -> IO.puts(Exception.format(:error, e, __STACKTRACE__)) end
end

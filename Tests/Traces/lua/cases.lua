-- Errors of Lua, one branch per way to fail.
local bank = {}
function bank.pay(number) error("account " .. number .. " is overdrawn") end
function bank.take(number) bank.pay(number); return true end

local case = arg[1]
if case == "error" then bank.take(17) end
if case == "index" then print(bank.account.balance) end
if case == "lines" then error("first line\nsecond line") end
if case == "syntax" then require("no_such_module") end
if case == "traceback" then io.stderr:write(debug.traceback("balance looks wrong"), "\n") end
if case == "xpcall" then
  local _, text = xpcall(bank.take, debug.traceback, 17)
  io.stderr:write(text, "\n")
end

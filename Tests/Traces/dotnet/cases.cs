// Errors of .NET, one branch per way to fail.
using System;
using System.Threading.Tasks;

namespace Acme
{
    class Overdrawn : Exception
    {
        public Overdrawn(string text) : base(text) { }
    }

    static class Cases
    {
        static void Pay(int number) { throw new Overdrawn("account " + number); }

        static void Take(int number)
        {
            try { Pay(number); }
            catch (Exception error) { throw new InvalidOperationException("payment failed", error); }
        }

        static async Task PayLater(int number)
        {
            await Task.Delay(1);
            Take(number);
        }

        static void Caught(Action act)
        {
            try { act(); } catch (Exception error) { Console.Out.WriteLine(error); }
        }

        static void Main(string[] arguments)
        {
            string none = null;
            switch (arguments[0])
            {
                case "plain": Caught(() => Pay(17)); break;
                case "inner": Caught(() => { try { Take(17); } catch (Exception e) { throw new Exception("outer", e); } }); break;
                case "aggregate": Caught(() => Task.WaitAll(Task.Run(() => Pay(17)), Task.Run(() => Take(18)))); break;
                case "lines": Caught(() => { throw new FormatException("first line\nsecond line\n  third line"); }); break;
                case "nullReference": Caught(() => Console.Write(none.Length)); break;
                case "async": Caught(() => PayLater(17).GetAwaiter().GetResult()); break;
                case "uncaught": Pay(17); break;
                case "uncaughtInner": Take(17); break;
            }
        }
    }
}

// Errors of Go, one branch per way to fail.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

type account struct {
	balance int
	owner   *account
}

type overdrawn struct{ number int }

func (o overdrawn) Error() string { return fmt.Sprintf("account %d is overdrawn", o.number) }

func pay(number int) { panic(overdrawn{number}) }

func deep(n int) int { return deep(n+1) + 1 }

func main() {
	var none *account
	var table map[string]int
	list := []int{1, 2, 3}
	switch os.Args[1] {
	case "panic":
		panic("account 17 is overdrawn")
	case "panicError":
		panic(errors.New("first line\nsecond line"))
	case "panicValue":
		panic(overdrawn{17})
	case "nilMap":
		table["a"] = 1
	case "index":
		fmt.Println(list[len(os.Args)+5])
	case "nilPointer":
		fmt.Println(none.owner.balance)
	case "recovered":
		defer func() {
			problem := recover()
			panic(fmt.Sprint("again: ", problem))
		}()
		pay(17)
	case "nested":
		defer func() { panic("while cleaning up") }()
		defer pay(18)
		pay(17)
	case "deadlock":
		<-make(chan int)
	case "exitStack":
		func() {
			defer func() {
				if problem := recover(); problem != nil {
					fmt.Fprintf(os.Stderr, "panic: %v\n%s", problem, debug.Stack())
				}
			}()
			pay(17)
		}()
	case "goexit":
		runtime.Goexit()
	case "closed":
		c := make(chan int)
		close(c)
		close(c)
	case "stackOverflow":
		debug.SetMaxStack(1 << 16)
		deep(0)
	case "mapRace":
		m := map[int]int{}
		for n := 0; n < 4; n++ {
			go func() {
				for i := 0; ; i++ {
					m[i%10] = i
				}
			}()
		}
		time.Sleep(time.Second)
	case "divide":
		fmt.Println(1 / (len(os.Args) - 2))
	case "goroutine":
		for n := 0; n < 3; n++ {
			go func(n int) { time.Sleep(time.Hour) }(n)
		}
		time.Sleep(50 * time.Millisecond)
		var group sync.WaitGroup
		group.Add(1)
		go func() { defer group.Done(); pay(17) }()
		group.Wait()
	case "sleep":
		time.Sleep(time.Minute)
	case "race":
		shared := 0
		done := make(chan bool)
		go func() { shared++; done <- true }()
		shared++
		<-done
	case "debugStack":
		debug.PrintStack()
	}
}

module example.com/dealgate

go 1.19
